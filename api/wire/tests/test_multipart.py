"""Multipart bodies are taken apart byte by byte."""

from __future__ import annotations

import unittest

from wire.multipart import parts

BODY = (
    b"--b\r\n"
    b'Content-Disposition: form-data; name="files[]"; filename="G\xc3\xbc %22.txt"\r\n'
    b"Content-Type: text/plain\r\n"
    b"\r\n"
    b"one\r\n--two\r\n\r\n"
    b"--b\r\n"
    b'content-disposition: form-data; name="n"\r\n'
    b"\r\n"
    b"\xff\r\n"
    b"--b--\r\n"
)


class Multipart(unittest.TestCase):
    def test_names_types_and_bytes(self) -> None:
        file, field = parts("multipart/form-data; boundary=b", BODY)
        self.assertEqual(file["name"], "files[]")
        self.assertEqual(file["filename"], "Gü %22.txt")
        self.assertEqual(file["headers"], {"content-type": "text/plain"})
        self.assertEqual(file["text"], "one\r\n--two\r\n")
        self.assertEqual((field["filename"], field["base64"]), (None, "/w=="))

    def test_a_form_without_parts(self) -> None:
        self.assertEqual(parts("multipart/form-data; boundary=b", b"--b--\r\n"), [])

    def test_a_body_that_does_not_end(self) -> None:
        with self.assertRaises(ValueError):
            parts("multipart/form-data; boundary=b", BODY[:-4])


if __name__ == "__main__":
    unittest.main()
