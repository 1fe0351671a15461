"""The index: follows the database by revision and finds the k best cases exactly."""
