"""What installs, demonstrates and runs EduNOC; nothing here is imported by the product."""
