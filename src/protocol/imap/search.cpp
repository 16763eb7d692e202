#include "protocol/imap/search.h"

#include "base/ascii.h"
#include "message/charset.h"
#include "message/text.h"

#include <algorithm>
#include <utility>

namespace tegami::imap {

namespace {

/// Limit: words of FUZZY texts of a search that are looked for in messages; an index takes more.
constexpr std::size_t kFuzzyWordsMax = 64;

} // namespace

/// One key, ready to be asked. Children are indexes of nodes_.
struct SearchProgram::Node {
    enum class Kind : std::uint8_t {
        all,
        flag,
        keyword,
        field,
        text,
        body,
        date,
        within,
        size,
        modseq,
        object_id,
        set,
        all_of,
        any_of,
        negation,
    };
    Kind kind = Kind::all;
    SystemFlag flag{};
    std::string name;                // keyword or field
    std::string folded;              // what a field or the header must contain
    std::size_t body_text = 0;       // index into body_texts_
    std::optional<std::size_t> text; // index into texts_
    SearchDate::Which which_date{};
    SearchDate::Order date_order{};
    std::chrono::sys_days day{};
    SearchSize::Order size_order{};
    SearchWithin::Order within{};
    std::chrono::sys_seconds moment;
    std::uint64_t size = 0; // or a mod-sequence
    SearchObjectId::Which which_id{};
    std::optional<std::uint64_t> id;
    NumberRanges numbers;
    std::vector<std::size_t> children;
    int cost = 0; // 0: facts, 1: header, 2: body
};

class SearchProgram::Compiler {
public:
    Compiler(SearchProgram& program, const std::optional<std::string>& charset, const Resolve& resolve,
             std::chrono::sys_seconds now)
        : program_(program), resolve_(resolve), now_(now) {
        // RFC 9051 §6.4.4: without CHARSET texts are UTF-8, of which US-ASCII is a part.
        if (charset && *charset != "UTF-8" && *charset != "US-ASCII") charset_ = *charset;
    }

    std::optional<Error> compile(const SearchKey& key) {
        if (charset_ && !message::is_known_charset(*charset_)) return Error::bad_charset;
        add(key);
        return std::nullopt;
    }

private:
    using Kind = Node::Kind;

    std::size_t add(const SearchKey& key) {
        const std::size_t index = program_.nodes_.size();
        program_.nodes_.emplace_back();
        Node node = std::visit([&](const auto& value) { return make(value); }, key.value);
        for (const std::size_t child : node.children)
            node.cost = std::max(node.cost, program_.nodes_[child].cost);
        // What is cheap is asked first, and often spares the rest.
        std::ranges::sort(node.children, {},
                          [&](std::size_t child) { return std::pair(program_.nodes_[child].cost, child); });
        program_.nodes_[index] = std::move(node);
        return index;
    }

    std::vector<std::size_t> add_all(const std::vector<SearchKey>& keys) {
        std::vector<std::size_t> indexes;
        for (const SearchKey& key : keys)
            indexes.push_back(add(key));
        return indexes;
    }

    std::string utf8(const std::string& text) const {
        if (texts_ == Texts::words) return text;
        return charset_ ? message::to_utf8(text, *charset_).value_or(text) : message::repair_utf8(text);
    }

    Node make(const SearchAll&) { return {}; }

    Node make(const SearchFlag& key) { return {.kind = Kind::flag, .flag = key.flag}; }

    Node make(const SearchKeyword& key) { return {.kind = Kind::keyword, .name = key.keyword}; }

    /// What folds to nothing is in every text, and nobody need be asked.
    std::optional<std::size_t> add_text(SearchedText text) {
        if (text.folded.empty() || texts_ == Texts::words) return std::nullopt;
        program_.texts_.push_back(std::move(text));
        return program_.texts_.size() - 1;
    }

    Node make(const SearchHeader& key) {
        std::string folded = message::fold_for_search(utf8(key.text));
        if (texts_ == Texts::fuzzy && !folded.empty())
            return words_of({.where = SearchedText::Where::field, .field = key.name, .folded = folded, .fuzzy = true},
                            [&](std::string word) { return SearchKey{SearchHeader{key.name, std::move(word)}}; });
        const auto text = add_text({.where = SearchedText::Where::field, .field = key.name, .folded = folded});
        return {.kind = Kind::field, .name = key.name, .folded = std::move(folded), .text = text, .cost = 1};
    }

    Node make(const SearchText& key) {
        if (key.text.empty()) return {};
        const bool header_too = key.where == SearchText::Where::header_and_body;
        std::string text = utf8(key.text);
        std::string folded = message::fold_for_search(text);
        using enum SearchedText::Where;
        if (texts_ == Texts::fuzzy && !folded.empty())
            return words_of(
                {.where = header_too ? header_and_body : body, .field = {}, .folded = folded, .fuzzy = true},
                [&](std::string word) { return SearchKey{SearchText{key.where, std::move(word)}}; });
        Node node{.kind = header_too ? Kind::text : Kind::body,
                  .folded = folded,
                  .body_text = program_.body_texts_.size(),
                  .text = add_text({.where = header_too ? header_and_body : body, .field = {}, .folded = folded}),
                  .cost = 2};
        program_.body_texts_.push_back({.text = std::move(text), .headers_too = header_too});
        return node;
    }

    Node make(const SearchDate& key) {
        return {.kind = Kind::date,
                .which_date = key.which,
                .date_order = key.order,
                .day = std::chrono::sys_days(key.date),
                .cost = key.which == SearchDate::Which::sent ? 1 : 0};
    }

    Node make(const SearchSize& key) { return {.kind = Kind::size, .size_order = key.order, .size = key.size}; }

    Node make(const SearchWithin& key) {
        return {.kind = Kind::within, .within = key.order, .moment = now_ - std::chrono::seconds(key.seconds)};
    }

    Node make(const SearchModseq& key) { return {.kind = Kind::modseq, .size = key.modseq}; }

    Node make(const SearchObjectId& key) { return {.kind = Kind::object_id, .which_id = key.which, .id = key.id}; }

    Node make(const SearchSet& key) { return {.kind = Kind::set, .numbers = resolve_(key.set, key.numbering)}; }

    Node make(const SearchAnd& key) { return {.kind = Kind::all_of, .children = add_all(key.keys)}; }

    Node make(const SearchOr& key) { return {.kind = Kind::any_of, .children = add_all(key.keys)}; }

    Node make(const SearchNot& key) { return {.kind = Kind::negation, .children = add_all(key.keys)}; }

    Node make(const SearchFuzzy& key) {
        const Texts outside = std::exchange(texts_, Texts::fuzzy);
        Node node{.kind = Kind::all_of, .children = add_all(key.keys)};
        texts_ = outside;
        return node;
    }

    /// A text that need not be there exactly; until somebody knows, each of its words is.
    template <class MakeKey>
    Node words_of(SearchedText text, MakeKey make_key) {
        const Texts outside = std::exchange(texts_, Texts::words);
        Node node{.kind = Kind::all_of};
        for (const std::string_view word : ascii::split(text.folded, ' ')) {
            if (word.empty() || fuzzy_words_++ >= kFuzzyWordsMax) continue;
            node.children.push_back(add(make_key(std::string(word))));
        }
        texts_ = outside;
        node.text = add_text(std::move(text));
        return node;
    }

    /// How texts are taken: as they are; FUZZY; as one word of a text that is FUZZY.
    enum class Texts : std::uint8_t { exact, fuzzy, words };

    SearchProgram& program_;
    std::optional<std::string> charset_;
    Texts texts_ = Texts::exact;
    std::size_t fuzzy_words_ = 0;
    const Resolve& resolve_;
    const std::chrono::sys_seconds now_;
};

namespace {

Verdict verdict(bool yes) {
    return yes ? Verdict::yes : Verdict::no;
}

bool in_order(std::chrono::sys_days day, SearchDate::Order order, std::chrono::sys_days asked) {
    switch (order) {
    case SearchDate::Order::before: return day < asked;
    case SearchDate::Order::on: return day == asked;
    case SearchDate::Order::since: return day >= asked;
    }
    return false;
}

bool holds(const NumberRanges& ranges, std::uint32_t number) {
    const auto after = std::ranges::upper_bound(ranges, number, {}, &NumberRange::first);
    return after != ranges.begin() && std::prev(after)->last >= number;
}

NumberRanges intersection(const NumberRanges& a, const NumberRanges& b) {
    NumberRanges both;
    for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
        const std::uint32_t first = std::max(x->first, y->first);
        const std::uint32_t last = std::min(x->last, y->last);
        if (first <= last) both.push_back({first, last});
        x->last < y->last ? ++x : ++y;
    }
    return both;
}

} // namespace

SearchProgram::SearchProgram() = default;
SearchProgram::SearchProgram(SearchProgram&&) noexcept = default;
SearchProgram& SearchProgram::operator=(SearchProgram&&) noexcept = default;
SearchProgram::~SearchProgram() = default;

Result<SearchProgram, SearchProgram::Error> SearchProgram::compile(const SearchKey& key,
                                                                   const std::optional<std::string>& charset,
                                                                   const Resolve& resolve,
                                                                   std::chrono::sys_seconds now) {
    SearchProgram program;
    if (const std::optional<Error> error = Compiler(program, charset, resolve, now).compile(key))
        return failure(*error);
    return program;
}

std::optional<NumberRanges> SearchProgram::candidates() const {
    return candidates_of(0);
}

std::optional<NumberRanges> SearchProgram::candidates_of(std::size_t index) const {
    const Node& node = nodes_[index];
    if (node.kind == Node::Kind::set) return node.numbers;
    if (node.kind != Node::Kind::all_of && node.kind != Node::Kind::any_of) return std::nullopt;
    std::optional<NumberRanges> result;
    for (const std::size_t child : node.children) {
        std::optional<NumberRanges> numbers = candidates_of(child);
        if (node.kind == Node::Kind::all_of) {
            if (numbers) result = result ? intersection(*result, *numbers) : *std::move(numbers);
            continue;
        }
        if (!numbers) return std::nullopt;
        if (!result) result.emplace();
        result->insert(result->end(), numbers->begin(), numbers->end());
        result = normalised(*std::move(result));
    }
    return result;
}

Verdict SearchProgram::decide(const MessageFacts& facts, const HeaderText* header, const BodyMatcher* body) const {
    return decide_node(nodes_.front(), {facts, header, body});
}

bool SearchProgram::ruled_out(std::span<const Verdict> texts) const {
    const MessageFacts facts{.texts = texts};
    return decide_node(nodes_.front(), {.facts = facts, .texts_only = true}) == Verdict::no;
}

Verdict SearchProgram::decide_node(const Node& node, const AtHand& at_hand) const {
    if (node.text && *node.text < at_hand.facts.texts.size()) {
        const Verdict known = at_hand.facts.texts[*node.text];
        if (known != Verdict::open) return known;
    }
    const bool is_fact = node.cost == 0 && node.kind != Node::Kind::all && node.children.empty();
    if (at_hand.texts_only && is_fact) return Verdict::open;
    switch (node.kind) {
    case Node::Kind::all: return Verdict::yes;
    case Node::Kind::flag: return verdict(at_hand.facts.flags.contains(node.flag));
    case Node::Kind::keyword:
        return verdict(std::ranges::any_of(
            at_hand.facts.keywords, [&](const std::string& keyword) { return ascii::iequals(keyword, node.name); }));
    case Node::Kind::size:
        return verdict(node.size_order == SearchSize::Order::larger ? at_hand.facts.size > node.size
                                                                    : at_hand.facts.size < node.size);
    case Node::Kind::within:
        return verdict(node.within == SearchWithin::Order::older ? at_hand.facts.internal_date <= node.moment
                                                                 : at_hand.facts.internal_date >= node.moment);
    case Node::Kind::modseq: return verdict(at_hand.facts.modseq >= node.size);
    case Node::Kind::object_id: {
        const bool email = node.which_id == SearchObjectId::Which::email;
        return verdict(node.id == (email ? at_hand.facts.email : at_hand.facts.thread));
    }
    case Node::Kind::set: return verdict(holds(node.numbers, at_hand.facts.number.value));
    case Node::Kind::date: {
        if (node.which_date == SearchDate::Which::saved)
            return verdict(in_order(at_hand.facts.saved_day, node.date_order, node.day));
        if (node.which_date == SearchDate::Which::internal)
            return verdict(in_order(at_hand.facts.internal_day, node.date_order, node.day));
        if (at_hand.header == nullptr) return Verdict::open;
        const std::optional<std::chrono::sys_days> sent = at_hand.header->sent_day();
        // A message that does not say when it was sent was sent about when it came.
        return verdict(in_order(sent.value_or(at_hand.facts.internal_day), node.date_order, node.day));
    }
    case Node::Kind::field:
        if (at_hand.header == nullptr) return Verdict::open;
        return verdict(at_hand.header->field_contains(node.name, node.folded));
    case Node::Kind::text:
        if (at_hand.header != nullptr && at_hand.header->contains(node.folded)) return Verdict::yes;
        [[fallthrough]];
    case Node::Kind::body:
        return at_hand.body == nullptr ? Verdict::open : verdict(at_hand.body->found(node.body_text));
    case Node::Kind::all_of: return decide_children(node, at_hand, Verdict::no);
    case Node::Kind::any_of: return decide_children(node, at_hand, Verdict::yes);
    case Node::Kind::negation: {
        const Verdict inner = decide_node(nodes_[node.children.front()], at_hand);
        if (inner == Verdict::open) return inner;
        return verdict(inner == Verdict::no);
    }
    }
    return Verdict::no;
}

/// `decisive` is the answer of one child that settles it: no for AND, yes for OR.
Verdict SearchProgram::decide_children(const Node& node, const AtHand& at_hand, Verdict decisive) const {
    Verdict all = decisive == Verdict::no ? Verdict::yes : Verdict::no;
    for (const std::size_t child : node.children) {
        const Verdict one = decide_node(nodes_[child], at_hand);
        if (one == decisive) return decisive;
        if (one == Verdict::open) all = Verdict::open;
    }
    return all;
}

BodyMatcher SearchProgram::match_body(const message::Part& root) const {
    return {root, body_texts_};
}

} // namespace tegami::imap
