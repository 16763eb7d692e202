#include "extraction/office_text.h"

#include "extraction/limits.h"

#include <expat.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace tegami::extraction {

namespace {

constexpr std::size_t kXmlPieceBytes = std::size_t{64} << 10;

enum class Dialect : std::uint8_t { open_document, office_open };

/// What an element means for the text.
enum class Element : std::uint8_t {
    other,
    text,      ///< of Office Open XML: only what is in such elements is text
    cell,      ///< a paragraph that may hold a number instead of text
    value,     ///< text, unless its cell says otherwise
    body,      ///< of OpenDocument: all that is in it is text
    paragraph, ///< ends with an empty line
    line_end,
    space,
    aside, ///< a note or a comment in the middle of a text
    omitted,
};

Element office_open_element(std::string_view name) {
    if (name == "t") return Element::text;
    if (name == "c") return Element::cell;
    if (name == "v") return Element::value;
    if (name == "p" || name == "si" || name == "comment") return Element::paragraph;
    if (name == "br" || name == "cr") return Element::line_end;
    if (name == "tab") return Element::space;
    // Readings above the line; the same text once more for programs that cannot show the first.
    if (name == "rPh" || name == "rt" || name == "Fallback") return Element::omitted;
    return Element::other;
}

Element open_document_element(std::string_view name) {
    if (name == "body") return Element::body;
    if (name == "p" || name == "h") return Element::paragraph;
    if (name == "line-break") return Element::line_end;
    if (name == "s" || name == "tab") return Element::space;
    if (name == "note" || name == "annotation") return Element::aside;
    if (name == "tracked-changes" || name == "ruby-text") return Element::omitted;
    return Element::other;
}

bool is_numbered(std::string_view name, std::string_view stem) {
    return name.starts_with(stem) && name.ends_with(".xml") && !name.substr(stem.size()).contains('/');
}

/// Nothing for a file without text.
std::optional<Dialect> dialect_of(std::string_view name) {
    if (name == "content.xml") return Dialect::open_document;
    constexpr std::array kStems{"word/document",
                                "word/header",
                                "word/footer",
                                "word/footnotes",
                                "word/endnotes",
                                "word/comments",
                                "xl/sharedStrings",
                                "xl/worksheets/sheet",
                                "xl/comments",
                                "ppt/slides/slide",
                                "ppt/notesSlides/notesSlide"};
    if (std::ranges::any_of(kStems, [&](std::string_view stem) { return is_numbered(name, stem); }))
        return Dialect::office_open;
    return std::nullopt;
}

/// Gives the text out, up to the limit, and whether more is wanted.
class Output {
public:
    explicit Output(const TakeText& take) : take_(take) {}

    void add(std::string_view text) {
        if (!wanted_) return;
        const std::string_view piece = text.substr(0, kTextBytesMax - bytes_);
        bytes_ += piece.size();
        wanted_ = (piece.empty() || take_(piece)) && bytes_ < kTextBytesMax;
    }

    bool wanted() const { return wanted_; }

private:
    const TakeText& take_;
    std::size_t bytes_ = 0;
    bool wanted_ = true;
};

/// Makes text of one XML file.
class XmlText {
public:
    XmlText(Dialect dialect, Output* output) : dialect_(dialect), output_(output), parser_(XML_ParserCreate(nullptr)) {
        XML_Parser const parser = parser_.get();
        XML_SetUserData(parser, this);
        XML_SetElementHandler(
            parser,
            [](void* self, const XML_Char* name, const XML_Char** attributes) { of(self).begin(name, attributes); },
            [](void* self, const XML_Char*) { of(self).end(); });
        XML_SetCharacterDataHandler(parser, [](void* self, const XML_Char* text, int size) {
            of(self).characters({text, static_cast<std::size_t>(size)});
        });
        // Neither format has one, and entities grow.
        XML_SetStartDoctypeDeclHandler(
            parser, [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) { of(self).stop(); });
    }

    /// False: it is no XML, or nothing more is wanted.
    bool feed(std::string_view xml, bool last) {
        return XML_Parse(parser_.get(), xml.data(), static_cast<int>(xml.size()), last ? XML_TRUE : XML_FALSE) ==
               XML_STATUS_OK;
    }

    /// Gives out what stands behind the text.
    void finish() { output_->add(asides_); }

private:
    static XmlText& of(void* self) { return *static_cast<XmlText*>(self); }

    void stop() { XML_StopParser(parser_.get(), XML_FALSE); }

    void begin(std::string_view name, const XML_Char** attributes) {
        if (open_.size() >= kXmlDepthMax) return stop();
        name = name.substr(name.find(':') + 1); // from the first on, if there is none
        const Element element =
            dialect_ == Dialect::open_document ? open_document_element(name) : office_open_element(name);
        open_.push_back(element);
        if (element == Element::omitted) ++omitted_;
        if (element == Element::aside) ++aside_;
        if (element == Element::cell) number_ = !is_reference(attributes);
        if (is_text(element)) ++text_;
    }

    void end() {
        const Element element = open_.back();
        open_.pop_back();
        if (element == Element::paragraph || element == Element::cell) add("\n\n");
        if (element == Element::line_end) add("\n");
        if (element == Element::space) add(" ");
        if (element == Element::omitted) --omitted_;
        if (element == Element::aside) --aside_;
        if (element == Element::cell) number_ = true;
        if (is_text(element)) --text_;
    }

    void characters(std::string_view text) {
        const bool is_reference = !open_.empty() && open_.back() == Element::value && !number_;
        if (text_ > 0 && !is_reference) add(text);
    }

    static bool is_text(Element element) {
        return element == Element::text || element == Element::value || element == Element::body;
    }

    /// A cell whose value is the number of a text that stands elsewhere.
    static bool is_reference(const XML_Char** attributes) {
        for (; attributes[0] != nullptr; attributes += 2)
            if (std::string_view(attributes[0]) == "t") return std::string_view(attributes[1]) == "s";
        return false;
    }

    void add(std::string_view text) {
        if (omitted_ > 0) return;
        if (aside_ > 0)
            asides_ += text.substr(0, kTextBytesMax - asides_.size());
        else
            output_->add(text);
        if (!output_->wanted()) stop();
    }

    struct Free {
        void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
    };

    const Dialect dialect_;
    Output* const output_;
    std::unique_ptr<std::remove_pointer_t<XML_Parser>, Free> parser_;
    std::vector<Element> open_;
    std::string asides_;
    std::size_t text_ = 0; ///< open elements of each kind
    std::size_t omitted_ = 0;
    std::size_t aside_ = 0;
    bool number_ = true; ///< the values of this cell are no references
};

struct CloseArchive {
    void operator()(zip_t* archive) const { zip_discard(archive); }

    void operator()(zip_file_t* file) const { zip_fclose(file); }
};

using Archive = std::unique_ptr<zip_t, CloseArchive>;

Archive open_archive(std::string_view octets) {
    zip_source_t* const source = zip_source_buffer_create(octets.data(), octets.size(), 0, nullptr);
    if (source == nullptr) return nullptr;
    Archive archive(zip_open_from_source(source, ZIP_RDONLY, nullptr));
    if (!archive) zip_source_free(source);
    return archive;
}

/// False: it is damaged, or no XML.
bool read_file(zip_t* archive, zip_uint64_t number, Dialect dialect, std::size_t& bytes, Output& output) {
    const std::unique_ptr<zip_file_t, CloseArchive> file(zip_fopen_index(archive, number, 0));
    if (!file) return false;
    XmlText text(dialect, &output);
    std::string piece(kXmlPieceBytes, '\0');
    bool sound = true;
    while (sound && output.wanted() && bytes < kXmlBytesMax) {
        const zip_int64_t size = zip_fread(file.get(), piece.data(), std::min(piece.size(), kXmlBytesMax - bytes));
        sound =
            size >= 0 && text.feed({piece.data(), static_cast<std::size_t>(std::max<zip_int64_t>(size, 0))}, size == 0);
        if (size <= 0) break;
        bytes += static_cast<std::size_t>(size);
    }
    sound = sound || !output.wanted();
    text.finish();
    return sound;
}

} // namespace

Result<void, OfficeError> read_office(std::string_view octets, const TakeText& take) {
    const Archive archive = open_archive(octets);
    if (!archive) return failure(OfficeError::no_archive);
    const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
    const auto files =
        std::min<std::size_t>(static_cast<std::size_t>(std::max<zip_int64_t>(count, 0)), kArchiveFilesMax);
    Output output(take);
    std::size_t bytes = 0;
    bool found = false;
    bool sound = true;
    for (std::size_t number = 0; number < files && output.wanted() && bytes < kXmlBytesMax; ++number) {
        const char* const name = zip_get_name(archive.get(), number, ZIP_FL_ENC_RAW);
        const std::optional<Dialect> dialect = name != nullptr ? dialect_of(name) : std::nullopt;
        if (!dialect) continue;
        found = true;
        sound = read_file(archive.get(), number, *dialect, bytes, output) && sound;
    }
    if (!found) return failure(OfficeError::no_document);
    if (!sound) return failure(OfficeError::bad_xml);
    return {};
}

} // namespace tegami::extraction
