"""Social participation in one place: consultations in which every remark gets an answer."""
