"""The courier: takes messages from the queue and brings them to webhooks and callbacks."""
