"""What follows a list: people proposed, step by step to a hire, and the order that people give beside the model's."""
