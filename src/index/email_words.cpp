#include "index/email_words.h"

#include "base/ascii.h"

namespace tegami::index {

Field field_of(std::string_view header_field) {
    const std::string name = ascii::lower(header_field);
    if (name == "from") return Field::from;
    if (name == "to") return Field::to;
    if (name == "cc") return Field::cc;
    if (name == "bcc") return Field::bcc;
    if (name == "subject") return Field::subject;
    return Field::header;
}

EmailWords::EmailWords(std::string_view header_octets, const message::Part& root, SegmentBuilder* builder)
    : builder_(builder), readable_(root, message::ReadableText::PartHeaders::included, this) {
    const message::Header header(header_octets);
    for (const message::HeaderField& field : header.fields()) {
        add_name(header.name(field));
        for (const std::string& text : message::field_texts(header, field))
            add_text(text, field_of(header.name(field)));
    }
}

void EmailWords::text(std::string_view utf8) {
    field_ = Field::body;
    folder_.feed(utf8, folded_);
    splitter_.feed(folded_);
    folded_.clear();
}

void EmailWords::end_text() {
    field_ = Field::body;
    folder_.finish(folded_);
    splitter_.feed(folded_);
    splitter_.finish();
    folded_.clear();
}

void EmailWords::part_header(const message::Header& header) {
    for (const message::HeaderField& field : header.fields()) {
        add_name(header.name(field));
        for (const std::string& text : message::field_texts(header, field))
            add_text(text, Field::header);
    }
}

void EmailWords::term(std::string_view term) {
    if (!full_ && !builder_->add(term, field_)) full_ = true;
}

/// A whole text, folded as that of a header field is in a search.
void EmailWords::add_text(std::string_view utf8, Field field) {
    field_ = field;
    splitter_.feed(message::fold_for_search(utf8));
    splitter_.finish();
}

void EmailWords::add_name(std::string_view name) {
    add_text(name, Field::header);
}

namespace {

/// Of texts that are all body.
class BodyTerms final : public TermSplitter::Sink {
public:
    explicit BodyTerms(SegmentBuilder* builder) : builder_(builder) {}

    void term(std::string_view term) override {
        if (!full_ && !builder_->add(term, Field::body)) full_ = true;
    }

    bool full() const { return full_; }

private:
    SegmentBuilder* const builder_;
    bool full_ = false;
};

/// Octets that are folded at once.
constexpr std::size_t kFoldedAtOnce = std::size_t{64} << 10;

} // namespace

void add_attachment_words(const std::vector<std::string>& texts, SegmentBuilder* builder) {
    BodyTerms terms(builder);
    TermSplitter splitter(&terms);
    message::TextFolder folder;
    std::string folded;
    for (const std::string& text : texts) {
        for (std::size_t at = 0; at < text.size() && !terms.full(); at += kFoldedAtOnce) {
            folder.feed(std::string_view(text).substr(at, kFoldedAtOnce), folded);
            splitter.feed(folded);
            folded.clear();
        }
        folder.finish(folded);
        splitter.feed(folded);
        splitter.finish();
        folded.clear();
    }
}

} // namespace tegami::index
