const unused = document.title; // fires: no-unused-vars
export const used = elsewhere;
