"""What each command does, apart from how it is called; imported only when the command runs."""
