"""What EduNOC costs, measured beside the tools that people use today."""
