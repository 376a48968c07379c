import { expect, test } from '@jest/globals';
import { html } from './html.js';

test('what is put in is escaped, what is markup stays, and nothing is nothing', () => {
  const inner = html`<b>${'<&">'}</b>`;
  expect(html`<p title="${`"'`}">${inner}${[1, inner]}${null}${false}${undefined}</p>`.text).toBe(
    '<p title="&quot;&#39;"><b>&lt;&amp;&quot;&gt;</b>1<b>&lt;&amp;&quot;&gt;</b></p>',
  );
});
