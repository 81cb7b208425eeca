"""Surveys and geo-questionnaires: questions as data, anonymous answers, results that reveal nobody."""
