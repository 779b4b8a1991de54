"""`python -m unchain` is the same as `unchain`."""

from unchain.cli import main

if __name__ == "__main__":
    main()
