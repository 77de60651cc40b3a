"""What leaves the house on paper or as a file: minutes as DOCX, attendance as XLSX and CSV."""
