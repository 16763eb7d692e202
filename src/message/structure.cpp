// The machine behind StructureParser. It works line by line:
//
// - A line that begins with "--" while a boundary is open is held back (up to kDelimiterBytesMax) until it can be
//   compared; every other octet is only counted, or collected if it belongs to a header.
// - A delimiter is "--", the boundary, perhaps "--", perhaps blanks, and nothing else. RFC 2046 §5.1.1 lets any line
//   with that beginning count; taking whole lines only is what others do, and keeps a boundary that is the beginning
//   of another one apart from it.
// - The innermost open boundary wins; a delimiter of an outer one ends all entities inside (RFC 2046 §5.1.2).
#include "message/structure.h"

#include "base/ascii.h"
#include "message/structure_fields.h"

#include <algorithm>
#include <cstring>
#include <deque>

namespace tegami::message {
namespace {

/// Limit: octets of a delimiter line: dashes, boundary, blanks that relays added, line end.
constexpr std::size_t kDelimiterBytesMax = kBoundaryBytesMax + 500;

constexpr std::size_t kNoParent = static_cast<std::size_t>(-1);

std::uint64_t count_line_ends(std::string_view octets) {
    std::uint64_t count = 0;
    while (!octets.empty()) {
        // So few that an octet can count them: then the compiler compares and adds many in one step.
        const std::string_view some = octets.substr(0, 255);
        std::uint8_t line_ends = 0;
        for (const char c : some)
            line_ends = static_cast<std::uint8_t>(line_ends + (c == '\n' ? 1 : 0));
        count += line_ends;
        octets.remove_prefix(some.size());
    }
    return count;
}

/// How many of the octets come before the first line that begins with a dash, or before a last line without an end.
/// Encoded parts have no dash at all, so that this is one search through them.
std::size_t length_without_dashed_line(std::string_view octets) {
    for (std::size_t dash = octets.find('-'); dash != std::string_view::npos; dash = octets.find('-', dash + 1))
        if (dash == 0 || octets[dash - 1] == '\n') return dash;
    return octets.rfind('\n') + 1; // npos + 1 is 0
}

bool is_blank(std::string_view octets) {
    return std::all_of(octets.begin(), octets.end(), ascii::is_space);
}

} // namespace

class StructureParser::Machine {
public:
    Machine() { open_entity(kNoParent, 0, false, false); }

    void feed(std::string_view octets);
    std::size_t memory_bytes() const;
    Structure finish();

private:
    enum class Line : std::uint8_t {
        start,     ///< nothing of the line has been seen
        candidate, ///< it may be a delimiter: held back
        plain,     ///< it is not
    };
    enum class Phase : std::uint8_t { header, leaf, parts };

    struct Node {
        Part part;
        std::size_t parent = kNoParent;
        std::uint64_t lines_before = 0; ///< line ends before the body
        bool has_parts = false;
    };

    /// An entity that has begun and not ended; the last one is where octets go.
    struct Open {
        std::size_t node = 0;
        Phase phase = Phase::header;
        bool digest_part = false;
        bool enclosed_message = false; ///< it is the message in a message part: it has an envelope
        bool inside_message = false;   ///< its header travels in the body of an enclosing message
        std::string boundary;          ///< empty if none is open (any more)
    };

    void feed_line(std::string_view piece, bool complete);
    void content(std::string_view piece, bool complete);
    void body_content(std::string_view piece);
    void header_content(std::string_view piece, bool complete);
    void sample(std::string_view piece);
    void note_line_end(std::string_view piece);
    void end_line(std::string_view line);
    bool take_delimiter(std::string_view line);
    void open_entity(std::size_t parent, std::uint64_t offset, bool digest_part, bool enclosed_message);
    void end_header(std::uint64_t header_end);
    void enter_body(Open& open, Part& part);
    std::uint64_t close_entity(std::uint64_t end);
    void close_to(std::size_t depth, std::uint64_t end);
    void charge(Part& part);
    Part assemble();

    std::deque<Node> nodes_;
    std::vector<Open> open_;
    std::size_t boundaries_ = 0; ///< entities in open_ with a boundary

    std::uint64_t offset_ = 0;    ///< octets that have been judged
    std::uint64_t line_ends_ = 0; ///< in them
    std::string held_;            ///< of a candidate line
    Line line_ = Line::start;
    char last_ = '\0';                  ///< the octet before offset_
    std::uint64_t line_end_length_ = 0; ///< of the last whole line: 1 or 2

    std::string header_;            ///< of the entity whose header is being read
    std::uint64_t header_line_ = 0; ///< octets of its current line
    char header_line_first_ = '\0';

    std::size_t text_bytes_ = 0;
    std::size_t sampled_ = kNoParent; ///< the node that text_sample comes from
    Structure structure_;
};

void StructureParser::Machine::feed(std::string_view octets) {
    while (!octets.empty()) {
        if (open_.back().phase != Phase::header && line_ != Line::candidate) {
            // Without an open boundary nothing can end the body but the end of the message.
            const std::size_t length = boundaries_ == 0 ? octets.size() : length_without_dashed_line(octets);
            body_content(octets.substr(0, length));
            octets.remove_prefix(length);
            if (octets.empty()) return;
        }
        const void* found = std::memchr(octets.data(), '\n', octets.size());
        const bool complete = found != nullptr;
        const std::size_t length =
            complete ? static_cast<std::size_t>(static_cast<const char*>(found) - octets.data()) + 1 : octets.size();
        feed_line(octets.substr(0, length), complete);
        octets.remove_prefix(length);
    }
}

/// Takes a piece of one line; `complete` if it holds the line end.
void StructureParser::Machine::feed_line(std::string_view piece, bool complete) {
    if (line_ == Line::start) {
        const bool dashes = piece.starts_with("--") || piece == "-";
        line_ = boundaries_ > 0 && dashes ? Line::candidate : Line::plain;
    }
    if (line_ == Line::candidate) {
        const bool too_long = held_.size() + piece.size() > kDelimiterBytesMax;
        if (!too_long) held_ += piece;
        const bool dashes = held_.size() < 2 || held_.starts_with("--");
        if (!too_long && dashes && !complete) return;
        const std::string line = std::move(held_);
        held_.clear();
        if (!too_long && dashes && take_delimiter(line)) {
            line_ = Line::start;
            return;
        }
        line_ = Line::plain;
        if (!too_long)
            piece = line;
        else if (!line.empty())
            content(line, false);
        content(piece, complete);
    } else {
        content(piece, complete);
    }
    if (complete) line_ = Line::start;
}

void StructureParser::Machine::content(std::string_view piece, bool complete) {
    if (open_.back().phase == Phase::header) {
        header_content(piece, complete);
        return;
    }
    body_content(piece);
}

/// Takes octets of a body, any number of lines, that hold no delimiter.
void StructureParser::Machine::body_content(std::string_view piece) {
    if (piece.empty()) return;
    if (!structure_.has_8bit_body && ascii::has_high_octet(piece)) structure_.has_8bit_body = true;
    if (open_.back().phase == Phase::leaf && sampled_ == open_.back().node) sample(piece);
    offset_ += piece.size();
    line_ends_ += count_line_ends(piece);
    const bool complete = piece.back() == '\n';
    if (complete) note_line_end(piece);
    line_ = complete ? Line::start : Line::plain;
    last_ = piece.back();
}

/// Remembers what ended the line whose last piece this is.
void StructureParser::Machine::note_line_end(std::string_view piece) {
    const char before = piece.size() >= 2 ? piece[piece.size() - 2] : last_;
    line_end_length_ = before == '\r' && offset_ >= 2 ? 2 : 1;
}

void StructureParser::Machine::end_line(std::string_view piece) {
    note_line_end(piece);
    ++line_ends_;
}

void StructureParser::Machine::header_content(std::string_view piece, bool complete) {
    const std::size_t room = kHeaderBytesMax - std::min(kHeaderBytesMax, header_.size());
    header_ += piece.substr(0, room);
    if (room < piece.size()) structure_.limited = true;
    bool& has_8bit = open_.back().inside_message ? structure_.has_8bit_body : structure_.has_8bit_header;
    if (!has_8bit && ascii::has_high_octet(piece)) has_8bit = true;
    if (header_line_ == 0) header_line_first_ = piece.front();
    header_line_ += piece.size();
    offset_ += piece.size();
    if (complete) end_line(piece);
    last_ = piece.back();
    if (!complete) return;
    const bool empty = header_line_ == 1 || (header_line_ == 2 && header_line_first_ == '\r');
    header_line_ = 0;
    if (empty) end_header(offset_);
}

void StructureParser::Machine::sample(std::string_view piece) {
    std::string& bytes = structure_.text_sample.bytes;
    bytes += piece.substr(0, kTextSampleBytesMax - std::min(kTextSampleBytesMax, bytes.size()));
}

/// Acts on the line if it is a delimiter of an open boundary.
bool StructureParser::Machine::take_delimiter(std::string_view line) {
    std::string_view text = line;
    while (!text.empty() && ascii::is_space(text.back()))
        text.remove_suffix(1);
    if (!text.starts_with("--")) return false;
    text.remove_prefix(2);
    std::size_t depth = open_.size();
    bool closing = false;
    for (; depth > 0; --depth) {
        const std::string& boundary = open_[depth - 1].boundary;
        if (boundary.empty() || !text.starts_with(boundary)) continue;
        const std::string_view after = text.substr(boundary.size());
        closing = after == "--";
        if (closing || after.empty()) break;
    }
    if (depth == 0) return false;

    // RFC 2046 §5.1.1: the line end before the delimiter is part of it.
    close_to(depth, offset_ - std::min(offset_, line_end_length_));
    offset_ += line.size();
    if (line.ends_with('\n')) end_line(line);
    last_ = line.back();
    Open& multipart = open_.back();
    if (closing) {
        multipart.boundary.clear();
        --boundaries_;
        return true;
    }
    if (nodes_.size() >= kPartsMax) {
        structure_.limited = true;
        return true;
    }
    nodes_[multipart.node].has_parts = true;
    open_entity(multipart.node, offset_, nodes_[multipart.node].part.content_type.subtype == "digest", false);
    return true;
}

void StructureParser::Machine::open_entity(std::size_t parent, std::uint64_t offset, bool digest_part,
                                           bool enclosed_message) {
    Node node;
    node.parent = parent;
    node.part.header_offset = offset;
    nodes_.push_back(std::move(node));
    Open open;
    open.node = nodes_.size() - 1;
    open.digest_part = digest_part;
    open.enclosed_message = enclosed_message;
    open.inside_message = enclosed_message || (!open_.empty() && open_.back().inside_message);
    open_.push_back(std::move(open));
    header_.clear();
    header_line_ = 0;
}

void StructureParser::Machine::end_header(std::uint64_t header_end) {
    Open& open = open_.back();
    Node& node = nodes_[open.node];
    node.part.header_length = header_end - node.part.header_offset;
    node.part.body_offset = header_end;
    node.lines_before = line_ends_;
    // The line end before a delimiter was collected but is not part of the header.
    if (header_.size() > node.part.header_length) header_.resize(node.part.header_length);
    const Header header(header_);
    if (header.truncated()) structure_.limited = true;
    read_part_fields(header, open.digest_part, node.part);
    if (open.enclosed_message) nodes_[node.parent].part.envelope = parse_envelope(header);
    if (node.parent == kNoParent) {
        structure_.envelope = parse_envelope(header);
        structure_.header_fields = header.fields();
        structure_.header_bytes = header_;
    }
    header_.clear();
    open.phase = Phase::leaf;
    enter_body(open, node.part);
    charge(open.enclosed_message ? nodes_[node.parent].part : node.part);
    if (open.enclosed_message) charge(node.part);
    if (node.part.kind == PartKind::message) open_entity(open.node, header_end, false, true);
}

/// Decides what the body is read as.
void StructureParser::Machine::enter_body(Open& open, Part& part) {
    const bool no_room = open_.size() >= kNestingMax || nodes_.size() >= kPartsMax;
    const bool container = part.kind == PartKind::multipart || part.kind == PartKind::message;
    const bool encoded =
        part.encoding == TransferEncoding::base64 || part.encoding == TransferEncoding::quoted_printable;
    if (part.kind == PartKind::message && encoded) {
        // RFC 2046 §5.2.1 allows no such encoding here, RFC 6532 §3.7 does.
        std::vector<Parameter> parameters = std::move(part.content_type.parameters);
        present_as(part, "application", "octet-stream");
        part.content_type.parameters = std::move(parameters);
    } else if (container && no_room) {
        structure_.limited = true;
        present_as(part, "application", "octet-stream");
    } else if (part.kind == PartKind::multipart) {
        open.boundary = boundary_of(part.content_type);
        if (open.boundary.empty()) {
            // RFC 2045 §5.2: what cannot be understood is plain text.
            present_as(part, "text", "plain");
        } else {
            open.phase = Phase::parts;
            ++boundaries_;
        }
    }
    // The preview comes from the first text that says anything.
    if (part.kind == PartKind::text && is_blank(structure_.text_sample.bytes) &&
        !(part.disposition && part.disposition->type == "attachment")) {
        sampled_ = open.node;
        structure_.text_sample = TextSample{{}, part.content_type, part.encoding};
    }
}

/// Ends the innermost entity at `end`, the place before a delimiter or the end of the message; returns where it really
/// ends. That is later if the line end before the delimiter is the empty line after a header, too: then it stays with
/// the header, and with all entities around it.
std::uint64_t StructureParser::Machine::close_entity(std::uint64_t end) {
    if (open_.back().phase == Phase::header) {
        const std::size_t depth = open_.size();
        end_header(std::max(end, nodes_[open_.back().node].part.header_offset));
        // A header that ends with its entity can have begun an enclosed message, which then is empty.
        if (open_.size() > depth) end = close_entity(end);
    }
    const Open& open = open_.back();
    const Node& node = nodes_[open.node];
    Part& part = nodes_[open.node].part;
    end = std::max(end, part.body_offset);
    part.body_length = end - part.body_offset;
    // The line end that was cut off has been counted already.
    if (part.body_length > 0) part.body_lines = line_ends_ - node.lines_before - (end < offset_ ? 1 : 0);
    if (sampled_ == open.node && structure_.text_sample.bytes.size() > part.body_length)
        structure_.text_sample.bytes.resize(part.body_length);
    if (!open.boundary.empty()) --boundaries_;
    open_.pop_back();
    return end;
}

/// Ends entities until `depth` are open.
void StructureParser::Machine::close_to(std::size_t depth, std::uint64_t end) {
    while (open_.size() > depth)
        end = close_entity(end);
}

/// Counts the values kept for the part; drops them when the message has used up what it may.
void StructureParser::Machine::charge(Part& part) {
    text_bytes_ += kept_bytes(part);
    if (text_bytes_ <= kStructureTextBytesMax) return;
    structure_.limited = true;
    drop_values(part);
}

std::size_t StructureParser::Machine::memory_bytes() const {
    return nodes_.size() * sizeof(Node) + open_.size() * sizeof(Open) + std::min(text_bytes_, kStructureTextBytesMax) +
           header_.capacity() + held_.capacity() + structure_.header_bytes.capacity() +
           structure_.text_sample.bytes.capacity();
}

Part StructureParser::Machine::assemble() {
    std::vector<std::size_t> missing(nodes_.size()); // children that their parent does not have yet
    for (const Node& node : nodes_)
        if (node.parent != kNoParent) ++missing[node.parent];
    for (std::size_t at = nodes_.size(); at-- > 0;) {
        Node& node = nodes_[at];
        if (node.part.kind == PartKind::multipart && node.part.children.empty()) {
            // No delimiter ever came: show what is there as text, in the encoding that was said, if any: RFC 2045 §6.4
            // allows none here, and delimiters that can be read say that the name means nothing.
            Part text;
            text.encoding = node.part.encoding;
            text.encoding_name = node.part.encoding_name;
            text.header_offset = text.body_offset = node.part.body_offset;
            text.body_length = node.part.body_length;
            text.body_lines = node.part.body_lines;
            node.part.children.push_back(std::move(text));
        }
        if (node.parent == kNoParent) continue;
        std::vector<Part>& siblings = nodes_[node.parent].part.children;
        if (siblings.empty()) siblings.resize(missing[node.parent]);
        siblings[--missing[node.parent]] = std::move(node.part);
    }
    return std::move(nodes_.front().part);
}

Structure StructureParser::Machine::finish() {
    if (!held_.empty()) {
        const std::string line = std::move(held_);
        held_.clear();
        if (!take_delimiter(line)) content(line, false);
    }
    close_to(0, offset_);
    structure_.size = offset_;
    structure_.root = assemble();
    return std::move(structure_);
}

StructureParser::StructureParser() : machine_(std::make_unique<Machine>()) {}

StructureParser::StructureParser(StructureParser&&) noexcept = default;
StructureParser& StructureParser::operator=(StructureParser&&) noexcept = default;
StructureParser::~StructureParser() = default;

void StructureParser::feed(std::string_view octets) {
    machine_->feed(octets);
}

std::size_t StructureParser::memory_bytes() const {
    return machine_->memory_bytes();
}

Structure StructureParser::finish() {
    return machine_->finish();
}

Structure parse_structure(std::string_view message) {
    StructureParser parser;
    parser.feed(message);
    return parser.finish();
}

const Part* find_part(const Part& root, const std::vector<std::uint32_t>& numbers) {
    const Part* found = &root;
    bool first = true;
    for (const std::uint32_t number : numbers) {
        const Part* container = found;
        if (!first && found->kind == PartKind::message) {
            container = &found->children.front();
        } else if (!first && found->kind != PartKind::multipart) {
            return nullptr;
        }
        first = false;
        if (container->kind == PartKind::multipart) {
            if (number == 0 || number > container->children.size()) return nullptr;
            found = &container->children[number - 1];
        } else {
            // RFC 9051 §6.4.5.1: a message that is not multipart has one part, its body.
            if (number != 1) return nullptr;
            found = container;
        }
    }
    return found;
}

} // namespace tegami::message
