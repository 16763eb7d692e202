// Files as people attach them, made small: zip archives with XML, and PDF.
#pragma once

#include <zip.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::testing {

/// A zip archive of these files, by name; empty if it cannot be made.
inline std::string zip_of(const std::vector<std::pair<std::string, std::string>>& files) {
    zip_source_t* const source = zip_source_buffer_create(nullptr, 0, 0, nullptr);
    zip_t* const archive = zip_open_from_source(source, ZIP_TRUNCATE, nullptr);
    if (archive == nullptr) return {};
    zip_source_keep(source);
    for (const auto& [name, octets] : files)
        zip_file_add(archive, name.c_str(), zip_source_buffer(archive, octets.data(), octets.size(), 0), 0);
    std::string out;
    if (zip_close(archive) == 0 && zip_source_open(source) == 0) {
        zip_source_seek(source, 0, SEEK_END);
        out.resize(static_cast<std::size_t>(zip_source_tell(source)));
        zip_source_seek(source, 0, SEEK_SET);
        zip_source_read(source, out.data(), out.size());
        zip_source_close(source);
    }
    zip_source_free(source);
    return out;
}

/// A text document of Office Open XML with these paragraphs, which need no escapes.
inline std::string docx_of(const std::vector<std::string>& paragraphs) {
    std::string xml = R"(<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="urn:w"><w:body>)";
    for (const std::string& text : paragraphs)
        xml += "<w:p><w:r><w:t>" + text + "</w:t></w:r></w:p>";
    return zip_of({{"[Content_Types].xml", "<Types/>"}, {"word/document.xml", xml + "</w:body></w:document>"}});
}

/// A PDF of one page with a line of ASCII, without parentheses and backslashes, and as many other objects as are asked for.
inline std::string pdf_of(std::string_view line, std::size_t objects = 0) {
    const std::string show = "BT /F1 12 Tf 72 700 Td (" + std::string(line) + ") Tj ET";
    std::vector<std::string> bodies{
        "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F1 4 0 R>>>>/Contents 5 0 R>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        "<</Length " + std::to_string(show.size()) + ">>stream\n" + show + "\nendstream"};
    bodies.resize(bodies.size() + objects, "<</A[1 2 3]>>");
    std::string out = "%PDF-1.4\n";
    std::string table;
    for (std::size_t at = 0; at < bodies.size(); ++at) {
        const std::string offset = std::to_string(out.size());
        table += std::string(10 - offset.size(), '0') + offset + " 00000 n \n";
        out += std::to_string(at + 1) + " 0 obj\n" + bodies[at] + "\nendobj\n";
    }
    const std::string begin = std::to_string(out.size());
    const std::string count = std::to_string(bodies.size() + 1);
    return out + "xref\n0 " + count + "\n0000000000 65535 f \n" + table + "trailer\n<</Size " + count +
           "/Root 1 0 R>>\nstartxref\n" + begin + "\n%%EOF\n";
}

} // namespace tegami::testing
