"""Files as people attach them, made by hand: PDF and zipped XML."""
import io
import zipfile


def docx(*paragraphs):
    text = "".join(f"<w:p><w:r><w:t>{paragraph}</w:t></w:r></w:p>" for paragraph in paragraphs)
    return zipped({"[Content_Types].xml": "<Types/>",
                   "word/document.xml": f'<w:document xmlns:w="urn:w"><w:body>{text}</w:body></w:document>'})


def odt(*paragraphs):
    text = "".join(f"<text:p>{paragraph}</text:p>" for paragraph in paragraphs)
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text",
                   "content.xml": f'<office:document-content xmlns:office="urn:o" xmlns:text="urn:t"><office:body>{text}'
                                  "</office:body></office:document-content>"})


def zipped(files):
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return octets.getvalue()


def pdf(*lines):
    """A page with these lines. Its font has a number for each character and says which character that is."""
    characters = sorted(set("".join(lines)))
    codes = {character: number for number, character in enumerate(characters, 1)}
    known = "".join(f"<{number:04x}> <{character.encode('utf-16-be').hex()}>\n" for character, number in codes.items())
    cmap = ("/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
            f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{len(codes)} beginbfchar\n{known}endbfchar\nendcmap end end")
    page = "BT /F1 12 Tf 14 TL 72 700 Td " + " ".join(
        "<" + "".join(f"{codes[character]:04x}" for character in line) + "> Tj T*" for line in lines) + " ET"
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
               "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F1 4 0 R>>>>/Contents 6 0 R>>",
               "<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[5 0 R]/ToUnicode 7 0 R>>",
               "<</Type/Font/Subtype/CIDFontType2/BaseFont/X/DW 600/CIDSystemInfo"
               "<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>",
               stream(page), stream(cmap)]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    return out + (f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<</Size {len(objects) + 1}/Root 1 0 R>>\n"
                  f"startxref\n{len(out)}\n%%EOF\n").encode()


def stream(text):
    return f"<</Length {len(text)}>>stream\n{text}\nendstream"
