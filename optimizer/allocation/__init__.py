"""Rules that share a joint cost between members, each with what it promises."""
