# Each recipe is one plain command, which README.md also gives: just is a convenience.

# List the recipes
default:
    @just --list

# Run a demo, for example: just demo race-condition --explore
demo name *args:
    cargo run -p {{name}} -- {{args}}

# Test everything that has to be green
test:
    cargo test

# Check your solution of an exercise, for example: just check ex01-bank
check name:
    cargo test -p {{name}}

# Where you are and what to do next, for example: just workshop watch
workshop *args:
    cargo workshop {{args}}

# What continuous integration runs
ci:
    bash .ci/run

# Write the code and the output shown in the docs anew
update-docs:
    UPDATE_DOCS=1 cargo test -p docs-check
