"""The pages: HTML made by the server, for people. They ask the routes of the API and add no right of their own."""
