// The promise of the index: with it SEARCH finds what it finds by looking at every letter, whatever the text, its charset
// and what is looked for.
#include "index/index_fixture.h"

#include "base/base64.h"
#include "message/text.h"
#include "testing/office_files.h"
#include "testing/turns.h"

#include <unicode/unistr.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace tegami::index {
namespace {

struct Charset {
    const char* name;
    std::vector<std::string> characters; ///< a few, so that texts have much in common
};

std::vector<std::string> characters_of(std::string_view utf8) {
    std::vector<std::string> characters;
    for (const char octet : utf8) {
        if ((static_cast<unsigned char>(octet) & 0xc0) != 0x80) characters.emplace_back();
        characters.back() += octet;
    }
    return characters;
}

const std::vector<Charset>& charsets() {
    const std::string_view japanese = "日本語東京あいがカーabAB";
    static const std::vector<Charset> all{
        {"ISO-2022-JP", characters_of(japanese)},
        {"Shift_JIS", characters_of("日本語東京あいがカーabAＡｶﾞ")},
        {"EUC-JP", characters_of(japanese)},
        {"UTF-8", characters_of("日本ｶﾞＡabcABCéßİกข🎉\u0301ﬁ\u00ad")},
        {"ISO-8859-1", characters_of("abcABCéÉßüÜ")},
        {"KOI8-R", characters_of("абвАБВabc")},
        {"GB18030", characters_of("中文信息本语abAB，")},
        {"UTF-16LE", characters_of("日本語abcABCкé")},
    };
    return all;
}

class EqualResults : public IndexFixture {
protected:
    explicit EqualResults(store::MemoryEngineOptions options = {}) : IndexFixture(options) {}

    std::size_t below(std::size_t bound) { return random_.below(bound); }

    template <class T>
    const T& one_of(const std::vector<T>& all) {
        return all[below(all.size())];
    }

    std::string text(const Charset& charset, std::size_t words) {
        static const std::vector<std::string> kGaps{" ", " ", " ", ", ", "-", "_", ".", "", " > "};
        std::string out;
        for (; words > 0; --words) {
            const std::size_t length = below(40) == 0 ? 60 + below(100) : 1 + below(5);
            for (std::size_t at = 0; at < length; ++at)
                out += one_of(charset.characters);
            out += one_of(kGaps);
        }
        return out;
    }

    static std::string encoded(const std::string& utf8, const char* charset) {
        const icu::UnicodeString text = icu::UnicodeString::fromUTF8(utf8);
        std::string out(utf8.size() * 8 + 64, '\0');
        out.resize(static_cast<std::size_t>(
            text.extract(0, text.length(), out.data(), static_cast<std::uint32_t>(out.size()), charset)));
        return out;
    }

    std::string word_in_header(const std::string& utf8, const Charset& charset) {
        return "=?" + std::string(charset.name) + "?B?" + base64::encode(encoded(utf8, charset.name)) + "?=";
    }

    static std::string quoted_printable(std::string_view octets) {
        std::string out;
        std::size_t column = 0;
        for (const char octet : octets) {
            constexpr std::string_view kDigits = "0123456789ABCDEF";
            const auto number = static_cast<unsigned char>(octet);
            out += {'=', kDigits[number >> 4], kDigits[number & 15]};
            if (++column % 20 == 0) out += "=\r\n";
        }
        return out;
    }

    /// A part: its header and its body.
    std::string part(std::size_t words) {
        const Charset& charset = one_of(charsets());
        std::string utf8;
        for (std::size_t line = 1 + below(3); line > 0; --line)
            utf8 += text(charset, words) + "\r\n";
        const bool html = below(3) == 0;
        if (html)
            utf8 = "<html><head><title>no</title></head><p>" + utf8 + "<b>ab</b>c &eacute;<br>" + utf8 + "</html>";
        const std::string octets = encoded(utf8, charset.name);
        const std::size_t encoding = std::string_view(charset.name) == "UTF-16LE" ? 0 : below(3);
        static constexpr std::array<std::string_view, 3> kEncodings{"base64", "quoted-printable", "8bit"};
        std::string out = "Content-Type: text/";
        out.append(html ? "html" : "plain").append("; charset=").append(charset.name).append("\r\n");
        if (below(2) == 0) out += "Content-Description: " + word_in_header(text(charset, 2), charset) + "\r\n";
        out.append("Content-Transfer-Encoding: ").append(kEncodings[encoding]).append("\r\n\r\n");
        return out + (encoding == 0 ? base64::encode(octets) : encoding == 1 ? quoted_printable(octets) : octets);
    }

    /// A part that is a file; its text is what its octets do not show.
    std::string file(std::size_t words) {
        const Charset& charset = one_of(charsets());
        std::string utf8;
        for (const char octet : text(charset, words))
            if (octet != '>' && octet != '<' && octet != '&') utf8 += octet;
        static const std::vector<std::string> kTypes{
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/octet-stream; name=a.docx", "application/unknown"};
        return "Content-Type: " + one_of(kTypes) + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
               base64::encode(testing::docx_of({utf8, "ab c"}));
    }

    std::string letter() {
        std::string out;
        static const std::vector<std::string> kFields{"From", "To", "Cc", "Bcc", "Subject", "X-Note", "subject"};
        for (const std::string& field : kFields) {
            if (below(3) == 0) continue;
            const Charset& charset = one_of(charsets());
            const std::string words = text(charset, 1 + below(3));
            out += field + ": " + word_in_header(words, charset);
            if (field == "From" || field == "To" || field == "Cc") out += " <a.b@cab.example>";
            out += "\r\n";
        }
        if (below(2) == 0) return out + part(6);
        out += "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=cut\r\n\r\n";
        for (std::size_t count = below(3); count > 0; --count)
            out += "--cut\r\n" + part(4) + "\r\n";
        for (std::size_t count = helper_ ? below(3) : 0; count > 0; --count)
            out += "--cut\r\n" + file(4) + "\r\n";
        if (below(2) == 0)
            out += "--cut\r\nContent-Type: message/rfc822\r\n\r\nSubject: ab " +
                   word_in_header(text(one_of(charsets()), 2), one_of(charsets())) + "\r\n" + part(3) + "\r\n";
        return out + "--cut--\r\n";
    }

    std::string needle() {
        static const std::vector<std::string> kFixed{"ab",   "ab c", "from: ", "subject",   "-a",   "cab.example",
                                                     "a.b@", ">",    "ABC-",   "text/html", "日本", "本",
                                                     "é",    "ê",    "ag",     "x-note: 日"};
        if (below(6) == 0) return one_of(kFixed);
        const Charset& charset = one_of(charsets());
        const std::vector<std::string> characters = characters_of(text(charset, 1 + below(2)));
        const std::size_t first = below(characters.size());
        const std::size_t length = std::min(characters.size() - first, 1 + below(below(8) == 0 ? 90 : 4));
        std::string out;
        for (std::size_t at = first; at < first + length; ++at)
            out += characters[at];
        return out;
    }

    void check_needle(const std::string& needle);

    SeededRandom random_{testing::chance().value_or(20'261'127)};
    std::vector<std::pair<store::EmailId, std::string>> letters_;
    std::array<std::size_t, 3> counts_{}; // of Found
};

void EqualResults::check_needle(const std::string& needle) {
    struct Key {
        imap::SearchKey key;
        FieldMask fields;
        bool exact = true;
    };

    using Where = imap::SearchText::Where;
    const std::array<Key, 6> keys{{
        {{imap::SearchText{Where::header_and_body, needle}}, kAllFields},
        {{imap::SearchText{Where::body, needle}}, mask_of(Field::body)},
        {{imap::SearchHeader{"Subject", needle}}, mask_of(Field::subject)},
        {{imap::SearchHeader{"From", needle}}, mask_of(Field::from)},
        {{imap::SearchHeader{"Cc", needle}}, mask_of(Field::cc)},
        {{imap::SearchHeader{"X-Note", needle}}, mask_of(Field::header), false},
    }};
    const std::string folded = message::fold_for_search(needle);
    if (folded.empty()) return;
    const bool exact = plan_needle(folded).exact;
    for (const Key& key : keys) {
        const Answers answers = asked({.fields = key.fields, .folded = folded, .fields_exact = key.exact});
        for (const auto& [id, octets] : letters_) {
            const Found found = answers.of(0, id);
            ++counts_[static_cast<std::size_t>(found)];
            const bool truth = brute_force(id, octets, key.key);
            ASSERT_FALSE(found == Found::no && truth) << "missed: " << needle << "\n" << octets;
            ASSERT_FALSE(found == Found::yes && !truth) << "not there: " << needle << "\n" << octets;
            const bool should_know = exact && key.exact;
            ASSERT_FALSE(found == Found::maybe && should_know) << "could be known: " << needle << "\n" << octets;
        }
    }
}

TEST_F(EqualResults, WithAndWithoutTheIndex) {
    start_helper();
    for (int round = 0; round < 3; ++round) {
        for (int count = 0; count < 10; ++count) {
            const std::string octets = letter();
            letters_.emplace_back(add_letter(octets).email, octets);
            if (count % 3 == 0) catch_up();
            if (count % 4 == 0) read_attachments();
        }
        catch_up();
        if (round > 0) read_attachments();
        for (int count = 0; count < (testing::chance() ? 10 : 20); ++count)
            ASSERT_NO_FATAL_FAILURE(check_needle(needle()));
    }
    // Of all three there were some: texts are made to be alike, so that much is found.
    for (const std::size_t count : counts_)
        EXPECT_GT(count, 100U);
}

class EqualResultsOnATinyEngine : public EqualResults {
protected:
    EqualResultsOnATinyEngine() : EqualResults({.limits = store::tiny_limits()}) {}
};

TEST_F(EqualResultsOnATinyEngine, WithAndWithoutTheIndex) {
    start_helper();
    for (int count = 0; count < 6; ++count) {
        const std::string octets = letter();
        letters_.emplace_back(add_letter(octets).email, octets);
        catch_up();
        read_attachments();
    }
    for (int count = 0; count < 15; ++count)
        ASSERT_NO_FATAL_FAILURE(check_needle(needle()));
}

} // namespace
} // namespace tegami::index
