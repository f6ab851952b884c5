"""The contracts a facilitator's organisation follows: the hours they owe and the positions they open."""
