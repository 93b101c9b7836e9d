"""A queue that grades on submit: ``autograder watch``. ``rounds`` says how it works."""
