// Decides whether a message matches a SEARCH, asking for as little of the message as the answer needs:
//
//   Verdict verdict = search.decide(facts);                                    // flags, numbers, dates, sizes
//   if (verdict == Verdict::open) verdict = search.decide(facts, &header);     // + the header's octets
//   if (verdict == Verdict::open) {                                            // + the message, streamed
//       BodyMatcher body = search.match_body(root_part);  body.feed(...)...;  body.finish();
//       verdict = search.decide(facts, &header, &body);                        // never open
//   }
//
// 1. Texts are compared after folding (message/text.h), as substrings (RFC 9051 §6.4.4).
// 2. A key whose answer is not at hand is open, and AND, OR, NOT conclude what can be concluded anyway.
// 3. A text that is FUZZY (RFC 6203) is what an index says of it; where none does, each of its words is looked for as a
//    substring.
// It loads nothing and knows no index; what an index says of a message comes with the facts.
#pragma once

#include "base/result.h"
#include "message/readable_text.h"
#include "message/structure.h"
#include "protocol/imap/header_text.h"
#include "protocol/imap/search_key.h"
#include "protocol/imap/sequence_set.h"
#include "protocol/imap/types.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::imap {

/// `open`: cannot be said from what is at hand.
enum class Verdict : std::uint8_t { no, yes, open };

/// A text that a search looks for in messages, and where: what an index of words can be asked.
struct SearchedText {
    enum class Where : std::uint8_t { field, body, header_and_body };
    Where where{};
    std::string field;  ///< its name
    std::string folded; ///< message::fold_for_search; not empty
    bool fuzzy = false; ///< its words are looked for, and what is near to them
};

/// What is known of a message without reading it.
struct MessageFacts {
    SequenceNumber number;
    SystemFlags flags;
    /// Good for the call.
    std::span<const std::string> keywords;
    std::uint64_t size = 0;
    /// The day of the internal date, as it is written: in its own zone (RFC 9051 §6.4.4: zones are disregarded).
    std::chrono::sys_days internal_day{};
    std::chrono::sys_seconds internal_date{};
    std::chrono::sys_days saved_day{};
    std::uint64_t modseq = 0;
    std::uint64_t email = 0;  ///< the number of its EMAILID
    std::uint64_t thread = 0; ///< that of its THREADID
    /// Which of SearchProgram::texts() the message has, as far as somebody knows; empty if nobody does. Good for the call.
    std::span<const Verdict> texts{};
};

/// What a BodyMatcher looks for.
struct BodyNeedle {
    std::string text; ///< UTF-8
    /// TEXT: also in the header fields of parts and of enclosed messages. BODY looks at no header field.
    bool headers_too = false;
};

/// Reads a message as it streams by and notes which of a search's texts it holds behind its own header: in the decoded
/// text of text parts and of reports (message/delivery-status and its kin), and in the headers of parts (RFC 9051
/// §6.4.4). Memory is bounded by one such header.
class BodyMatcher {
public:
    BodyMatcher(const message::Part& root, const std::vector<BodyNeedle>& needles);
    BodyMatcher(BodyMatcher&&) noexcept;
    BodyMatcher& operator=(BodyMatcher&&) noexcept;
    ~BodyMatcher();

    /// The next octets of the message, from its first on, in any pieces.
    void feed(std::string_view octets);
    /// The message is complete.
    void finish();
    /// Takes text that is not in the octets of the message but that people read with it: of attached files.
    message::ReadableText::Sink* attached();
    /// True if feeding more cannot change anything.
    bool done() const;
    /// Whether needle number `index` was found.
    bool found(std::size_t index) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

class SearchProgram {
public:
    /// Why a search cannot be run.
    enum class Error : std::uint8_t {
        /// NO [BADCHARSET (...)].
        bad_charset,
    };
    /// The messages a set in the search means, by sequence number; usually imapd's SessionView::existing. What does not
    /// exist matches nothing (RFC 7377 §2).
    using Resolve = std::function<NumberRanges(const SequenceSet&, Numbering)>;

    /// Makes the texts UTF-8, the sets concrete and the ages moments before `now`. Sets are resolved once, here: the view
    /// must not announce EXPUNGE while a program is in use.
    static Result<SearchProgram, Error> compile(const SearchKey& key, const std::optional<std::string>& charset,
                                                const Resolve& resolve, std::chrono::sys_seconds now = {});

    SearchProgram(SearchProgram&&) noexcept;
    SearchProgram& operator=(SearchProgram&&) noexcept;
    ~SearchProgram();

    /// The numbers a message must be among to match, as far as the search says so; nothing if any may.
    std::optional<NumberRanges> candidates() const;

    /// The texts that the search looks for; MessageFacts::texts is about these.
    const std::vector<SearchedText>& texts() const { return texts_; }

    /// True if no message matches of which so much is known about the texts, whatever else it is.
    bool ruled_out(std::span<const Verdict> texts) const;
    /// Whether the message matches, from what is at hand.
    Verdict decide(const MessageFacts& facts, const HeaderText* header = nullptr,
                   const BodyMatcher* body = nullptr) const;
    /// Begins the third step for a message with this structure.
    BodyMatcher match_body(const message::Part& root) const;

private:
    struct Node;
    class Compiler;

    struct AtHand {
        const MessageFacts& facts;
        const HeaderText* header = nullptr;
        const BodyMatcher* body = nullptr;
        bool texts_only = false; ///< of the facts only the texts are
    };

    SearchProgram();
    Verdict decide_node(const Node& node, const AtHand& at_hand) const;
    Verdict decide_children(const Node& node, const AtHand& at_hand, Verdict decisive) const;
    std::optional<NumberRanges> candidates_of(std::size_t index) const;

    std::vector<Node> nodes_; // nodes_[0] is the root; children follow their parents
    std::vector<BodyNeedle> body_texts_;
    std::vector<SearchedText> texts_;
};

} // namespace tegami::imap
