"""How the service stands load, killed workers and a failing machine. Figures and behaviours, nothing asserted."""
