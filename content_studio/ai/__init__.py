"""Writing with AI: providers, what they are told, and fitting what they answer to a network."""
