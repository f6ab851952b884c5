"""Hours: what a contract owes, plans, has signed and has seen done, whichever of the four ways they are done in."""
