"""Following the city: new reports and their answers in a category, a district or a street, by e-mail, in the bell, by RSS."""
