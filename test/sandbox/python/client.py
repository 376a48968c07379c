"""Drives the sandbox with Stripe's Python library, an implementation of the same API that shares nothing with ours.

    client.py <case> <address of the sandbox>

A case that fails ends with a traceback. What a case needs beside the sandbox comes as JSON on stdin.
"""

import json
import sys

import stripe

stripe.api_key = 'sk_test_holdfast'
stripe.max_network_retries = 0

NO_REDIRECTS = {'enabled': True, 'allow_redirects': 'never'}


def intent(**params):
    return stripe.PaymentIntent.create(
        **{
            'amount': 5000,
            'currency': 'eur',
            'capture_method': 'manual',
            'automatic_payment_methods': NO_REDIRECTS,
            **params,
        }
    )


def refused(kind, call, *args, **params):
    try:
        call(*args, **params)
    except kind as error:
        return error
    raise AssertionError(f'{kind.__name__} was expected')


def customer():
    created = stripe.Customer.create(name='Ada', email='ada@example.com', metadata={'order': '26-1', 'shop': 'north'})
    assert isinstance(created, stripe.Customer)
    changed = stripe.Customer.modify(created.id, name='', metadata={'shop': ''})
    assert changed.name is None and dict(changed.metadata) == {'order': '26-1'}, changed
    assert stripe.Customer.retrieve(created.id).email == 'ada@example.com'
    assert stripe.Customer.delete(created.id).deleted is True
    error = refused(stripe.error.InvalidRequestError, intent, customer=created.id)
    assert error.code == 'resource_missing' and error.param == 'customer', error


def capture_a_part():
    created = intent(metadata={'order': '26-1'})
    assert created.status == 'requires_payment_method'
    reserved = stripe.PaymentIntent.confirm(created.id, payment_method='pm_card_visa', expand=['latest_charge'])
    assert reserved.status == 'requires_capture' and reserved.amount_capturable == 5000, reserved
    assert isinstance(reserved.latest_charge, stripe.Charge)
    assert reserved.latest_charge.payment_method_details.card.capture_before > reserved.created
    captured = stripe.PaymentIntent.capture(created.id, amount_to_capture=3000)
    assert (captured.status, captured.amount, captured.amount_received) == ('succeeded', 5000, 3000), captured
    error = refused(stripe.error.InvalidRequestError, stripe.PaymentIntent.capture, created.id)
    assert error.code == 'payment_intent_unexpected_state' and error.http_status == 400, error


def cancel():
    reserved = intent(confirm=True, payment_method='pm_card_visa')
    canceled = stripe.PaymentIntent.cancel(reserved.id, cancellation_reason='abandoned')
    assert canceled.status == 'canceled' and canceled.cancellation_reason == 'abandoned', canceled
    refused(stripe.error.InvalidRequestError, stripe.PaymentIntent.cancel, reserved.id)


def decline():
    error = refused(
        stripe.error.CardError, intent, confirm=True, payment_method='pm_card_visa_chargeDeclinedInsufficientFunds'
    )
    assert error.http_status == 402 and error.code == 'card_declined', error
    assert error.error.decline_code == 'insufficient_funds'
    assert error.error.payment_intent.status == 'requires_payment_method'
    assert error.user_message == 'Your card has insufficient funds.'
    assert error.request_id.startswith('req_')


def three_d_secure():
    asked = intent(confirm=True, payment_method='pm_card_authenticationRequired')
    assert asked.status == 'requires_action' and asked.next_action.type == 'use_stripe_sdk', asked


def refund():
    paid = intent(capture_method='automatic', confirm=True, payment_method='pm_card_visa')
    made = stripe.Refund.create(payment_intent=paid.id, amount=1500)
    assert isinstance(made, stripe.Refund) and made.status == 'succeeded', made
    error = refused(stripe.error.InvalidRequestError, stripe.Refund.create, payment_intent=paid.id, amount=3501)
    assert error.param == 'amount', error


def paging():
    ids = [stripe.Customer.create(metadata={'number': number}).id for number in range(7)]
    pages = stripe.Customer.list(limit=3)
    assert pages.has_more is True and len(pages.data) == 3
    walked = [found.id for found in pages.auto_paging_iter()]
    assert walked == ids[::-1], walked


def saved_card():
    owner = stripe.Customer.create()
    saved = stripe.PaymentMethod.attach('pm_card_mastercard', customer=owner.id)
    assert saved.card.brand == 'mastercard' and saved.card.last4 == '4444', saved
    listed = stripe.Customer.list_payment_methods(owner.id, type='card')
    assert [method.id for method in listed] == [saved.id]
    reserved = intent(customer=owner.id, payment_method=saved.id, confirm=True)
    assert reserved.status == 'requires_capture', reserved
    assert stripe.PaymentMethod.detach(saved.id).customer is None
    refused(stripe.error.InvalidRequestError, stripe.PaymentMethod.attach, saved.id, customer=owner.id)


def idempotency():
    first = intent(idempotency_key='python-1')
    assert intent(idempotency_key='python-1').id == first.id
    error = refused(stripe.error.IdempotencyError, intent, idempotency_key='python-1', amount=6000)
    assert error.http_status == 400, error


def errors():
    error = refused(stripe.error.InvalidRequestError, intent, amuont=1)
    assert error.code == 'parameter_unknown' and error.param == 'amuont', error
    stripe.api_key = 'sk_test_somebodyelse'
    error = refused(stripe.error.AuthenticationError, stripe.Customer.list)
    assert error.http_status == 401, error
    stripe.api_key = 'pk_test_holdfast'
    error = refused(stripe.error.PermissionError, stripe.Customer.list)
    assert error.http_status == 403, error


def checkout():
    session = stripe.checkout.Session.create(
        mode='payment',
        success_url='https://shop.example/done?session={CHECKOUT_SESSION_ID}',
        cancel_url='https://shop.example/basket',
        line_items=[
            {'quantity': 2, 'price_data': {'currency': 'eur', 'unit_amount': 1500, 'product_data': {'name': 'Ticket'}}}
        ],
        payment_intent_data={'capture_method': 'manual', 'metadata': {'order': '26-1'}},
        expand=['line_items'],
    )
    assert isinstance(session, stripe.checkout.Session)
    assert (session.status, session.payment_status, session.amount_total) == ('open', 'unpaid', 3000), session
    assert session.payment_intent is None and session.url.startswith(stripe.api_base)
    assert [line.description for line in session.line_items] == ['Ticket']
    expired = stripe.checkout.Session.expire(session.id)
    assert expired.status == 'expired' and expired.url is None, expired
    refused(stripe.error.InvalidRequestError, stripe.checkout.Session.expire, session.id)


def webhook():
    given = json.load(sys.stdin)
    event = stripe.Webhook.construct_event(given['body'], given['signature'], given['secret'])
    assert isinstance(event, stripe.Event) and event.type == 'customer.created', event
    assert isinstance(event.data.object, stripe.Customer)
    construct = stripe.Webhook.construct_event
    refused(stripe.error.SignatureVerificationError, construct, given['body'], given['signature'], 'whsec_other')
    refused(
        stripe.error.SignatureVerificationError,
        construct,
        given['body'].replace('customer.created', 'customer.updated'),
        given['signature'],
        given['secret'],
    )
    listed = stripe.Event.list(type='customer.created')
    assert event.id in [known.id for known in listed.auto_paging_iter()]


if __name__ == '__main__':
    _, case, stripe.api_base = sys.argv
    globals()[case]()
