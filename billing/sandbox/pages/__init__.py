"""The pages that Stripe would host: onboarding, paying, the bank's question."""
