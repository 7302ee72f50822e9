"""How words change, a module a language or family: each offers rules, from a word to forms of it."""
