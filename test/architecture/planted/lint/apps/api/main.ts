declare function readConfig(environment: NodeJS.ProcessEnv): void;

readConfig(process.env);
readConfig({ ...process.env }); // fires: holdfast/no-environment
console.log(process.env.PORT); // fires: holdfast/no-environment
