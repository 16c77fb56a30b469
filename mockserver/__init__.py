"""A mock of the backend of Japan's online eligibility verification (オンライン資格確認等システム)."""

__version__ = "0.1.0"
