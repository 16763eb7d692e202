#include "extraction/office_text.h"

#include "extraction/limits.h"
#include "testing/office_files.h"

#include <gtest/gtest.h>

#include <string>

namespace tegami::extraction {
namespace {

using testing::docx_of;
using testing::zip_of;

struct Read {
    Result<void, OfficeError> outcome;
    std::string text;
};

Read read(const std::string& octets) {
    Read read;
    read.outcome = read_office(octets, [&read](std::string_view piece) {
        read.text += piece;
        return true;
    });
    return read;
}

OfficeError error_of(const std::string& octets) {
    const Read done = read(octets);
    EXPECT_FALSE(done.outcome);
    return done.outcome ? OfficeError() : done.outcome.error();
}

std::string text_of(const std::string& octets) {
    const Read done = read(octets);
    EXPECT_TRUE(done.outcome);
    return done.text;
}

TEST(OfficeText, OfTextDocumentsAsTheyRead) {
    const std::string xml =
        R"(<w:document xmlns:w="w" xmlns:mc="m"><w:body><w:p><w:r><w:t>Con</w:t></w:r><w:r><w:t>tract</w:t></w:r></w:p>)"
        R"(<w:p><w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:r><w:t>one</w:t><w:br/><w:t>two</w:t>)"
        R"(<w:tab/><w:t>three</w:t></w:r></w:p><w:p><w:ruby><w:rt><w:r><w:t>とうきょう</w:t></w:r></w:rt>)"
        R"(<w:rubyBase><w:r><w:t>東京</w:t></w:r></w:rubyBase></w:ruby><w:r><w:t>都</w:t></w:r></w:p>)"
        R"(<mc:Choice><w:p><w:t>box</w:t></w:p></mc:Choice><mc:Fallback><w:p><w:t>box again</w:t></w:p></mc:Fallback>)"
        R"(not shown</w:body></w:document>)";
    EXPECT_EQ(text_of(zip_of({{"word/document.xml", xml}, {"word/styles.xml", "<w:t>no</w:t>"}})),
              "Contract\n\none\ntwo three\n\n東京都\n\nbox\n\n");
    EXPECT_EQ(text_of(zip_of({{"word/document.xml", "<w:p><w:t>a &lt; b&#x3042;</w:t></w:p>"},
                              {"word/footnotes.xml", "<w:p><w:t>note</w:t></w:p>"},
                              {"word/_rels/document.xml.rels", "<w:t>no</w:t>"}})),
              "a < bあ\n\nnote\n\n");
}

TEST(OfficeText, OfTablesTheirTextsAndNumbers) {
    EXPECT_EQ(text_of(zip_of(
                  {{"xl/sharedStrings.xml", "<sst><si><t>Umsatz</t></si><si><r><t>売</t></r><r><t>上</t></r>"
                                            "<rPh><t>ウリアゲ</t></rPh></si></sst>"},
                   {"xl/worksheets/sheet1.xml", R"(<sheetData><row><c t="s"><v>0</v></c><c><f>A1+1</f><v>4711</v></c>)"
                                                R"(<c t="inlineStr"><is><t>here</t></is></c></row></sheetData>)"}})),
              "Umsatz\n\n売上\n\n\n\n4711\n\nhere\n\n");
    EXPECT_EQ(text_of(zip_of({{"ppt/slides/slide12.xml", "<a:p><a:r><a:t>Slide</a:t></a:r></a:p>"}})), "Slide\n\n");
}

TEST(OfficeText, OfOpenDocuments) {
    const std::string xml =
        R"(<office:document-content><office:meta>no</office:meta><office:body><office:text>)"
        R"(<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>)"
        R"(<text:h>Title</text:h><text:p>be<text:note><text:note-citation>1</text:note-citation><text:p>aside</text:p>)"
        R"(</text:note>fore<text:s/>and<text:line-break/>after</text:p><text:p><text:ruby><text:ruby-base>漢</text:ruby-base>)"
        R"(<text:ruby-text>かん</text:ruby-text></text:ruby>字</text:p></office:text></office:body></office:document-content>)";
    EXPECT_EQ(text_of(zip_of({{"mimetype", "application/vnd.oasis.opendocument.text"}, {"content.xml", xml}})),
              "Title\n\nbefore and\nafter\n\n漢字\n\n1aside\n\n");
}

TEST(OfficeText, OfWhatIsNoneThereIsNone) {
    EXPECT_EQ(error_of(""), OfficeError::no_document);
    EXPECT_EQ(error_of("PK\x03\x04 and nothing else"), OfficeError::no_archive);
    EXPECT_EQ(error_of(zip_of({{"readme.txt", "hello"}})), OfficeError::no_document);
    EXPECT_EQ(error_of(zip_of({{"content.xml", "no XML"}})), OfficeError::bad_xml);
    const std::string whole = docx_of({"text"});
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(read(whole.substr(0, size)).outcome) << size;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 0x41);
        read(changed);
    }
}

TEST(OfficeText, IsBounded) {
    EXPECT_EQ(text_of(docx_of({std::string(3 * kTextBytesMax, 'x')})).size(), kTextBytesMax);
    // A hundred MiB of nothing in a hundred KiB.
    std::string large = "<w:p><w:t>first</w:t></w:p>";
    large.append(kXmlBytesMax / 2, ' ');
    const Read bomb = read(zip_of({{"word/document.xml", "<w:x>" + large + "</w:x>"},
                                   {"word/header1.xml", "<w:x>" + large + "</w:x>"},
                                   {"word/header2.xml", "<w:p><w:t>never</w:t></w:p>"}}));
    EXPECT_EQ(bomb.text, "first\n\nfirst\n\n");
    std::string deep;
    for (int level = 0; level < 100'000; ++level)
        deep += "<w:p>";
    EXPECT_EQ(error_of(zip_of({{"word/document.xml", deep}})), OfficeError::bad_xml);
    const std::string laughs =
        R"(<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><x><t>&b;</t></x>)";
    EXPECT_EQ(read(zip_of({{"word/document.xml", laughs}})).text, "");
    std::vector<std::pair<std::string, std::string>> many;
    for (std::size_t number = 0; number < kArchiveFilesMax; ++number)
        many.emplace_back("x" + std::to_string(number), "");
    many.emplace_back("word/document.xml", "<w:p><w:t>beyond</w:t></w:p>");
    EXPECT_EQ(error_of(zip_of(many)), OfficeError::no_document);
}

} // namespace
} // namespace tegami::extraction
