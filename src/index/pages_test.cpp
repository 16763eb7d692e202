#include "base/random.h"
#include "index/merge.h"
#include "index/segment_builder.h"
#include "index/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace tegami::index {
namespace {

using ::testing::ElementsAre;

constexpr PageSizes kSmall{.term_bytes = 60, .postings_bytes = 200, .emails_max = 1000};

/// The pages of a segment by key, as an engine keeps them.
using Pages = std::map<std::string, std::string>;

Pages pages_of(PageWriter& writer) {
    Pages pages;
    for (store::Put& put : writer.take())
        pages.emplace(std::move(put.key), std::move(put.value));
    return pages;
}

/// Which emails have each term, in the body.
using Contents = std::map<std::string, std::vector<std::uint32_t>>;

std::string_view value_of(const Pages& pages, const std::string& key) {
    const auto found = pages.find(key);
    if (found == pages.end()) return {};
    const auto lists = decode_postings_page(key, found->second);
    EXPECT_TRUE(lists);
    return lists.value_or(std::string_view());
}

Volume body_of(SegmentId segment) {
    return {segment, Dictionary::body};
}

Contents contents_of(const Pages& pages, SegmentId segment, std::uint32_t emails) {
    Contents contents;
    const store::Range range = term_pages(body_of(segment));
    for (auto at = pages.lower_bound(range.begin); at != pages.end() && at->first < range.end; ++at) {
        const auto page = TermPage::decode(at->first, at->second);
        const auto places = page ? page->all_places() : std::nullopt;
        EXPECT_TRUE(places);
        if (!places) return {};
        const std::string_view lists = value_of(pages, postings_page_key(body_of(segment), first_term_of(at->first)));
        const std::vector<std::string_view> texts = page->terms();
        for (std::size_t number = 0; number < texts.size(); ++number) {
            const std::string_view octets = (*places)[number].in(lists).value_or("");
            const auto postings = Postings::decode({Dictionary::body, octets}, emails);
            EXPECT_TRUE(postings);
            if (postings) contents[std::string(texts[number])] = postings->of(static_cast<std::size_t>(Field::body));
        }
    }
    return contents;
}

Pages segment_of(SegmentId id, const Contents& contents, std::uint32_t emails) {
    SegmentBuilder builder;
    for (std::uint32_t email = 0; email < emails; ++email) {
        builder.begin_email(email);
        for (const auto& [term, list] : contents)
            if (std::ranges::find(list, email) != list.end()) EXPECT_TRUE(builder.add(term, Field::body));
    }
    PageWriter writer(id, kSmall);
    builder.write(writer);
    return pages_of(writer);
}

Contents many_terms(std::uint32_t emails, std::uint32_t salt) {
    Contents contents;
    for (std::uint32_t number = 0; number < 60; ++number)
        for (std::uint32_t email = number % 7; email < emails; email += 1 + number % 5)
            contents["term" + std::to_string(number * 7919 % 1000 + salt)].push_back(email);
    return contents;
}

TEST(Pages, KeepTermsAndPostings) {
    const Contents contents = many_terms(30, 0);
    const Pages pages = segment_of(SegmentId(7), contents, 30);
    EXPECT_GT(pages.size(), 10U);
    EXPECT_EQ(contents_of(pages, SegmentId(7), 30), contents);
}

TEST(Pages, FindWhatFits) {
    const Pages pages = segment_of(SegmentId(1), {{"apple", {0}}, {"ape", {0}}, {"grape", {0}}, {"pe", {0}}}, 1);
    const auto page = TermPage::decode(pages.rbegin()->first, pages.rbegin()->second); // T is after P, body the last
    ASSERT_TRUE(page);
    using enum Piece::Fit;
    EXPECT_THAT(page->terms(), ElementsAre("ape", "apple", "grape", "pe"));
    using Hit = TermPage::Hit;
    EXPECT_THAT(page->find({whole, "ape"}), ElementsAre(Hit{0, "ape"}));
    EXPECT_THAT(page->find({prefix, "ap"}), ElementsAre(Hit{0, "ape"}, Hit{1, "apple"}));
    EXPECT_THAT(page->find({suffix, "pe"}), ElementsAre(Hit{0, "ape"}, Hit{2, "grape"}, Hit{3, "pe"}));
    EXPECT_THAT(page->find({inside, "p"}), ElementsAre(Hit{0, "ape"}, Hit{1, "apple"}, Hit{2, "grape"}, Hit{3, "pe"}));
    EXPECT_THAT(page->find({inside, "x"}), ElementsAre());
}

TEST(Pages, KeepTermsThatHaveMuchInCommon) {
    std::vector<std::string> terms;
    for (std::size_t length = 1; length <= kTermBytesMax; ++length)
        terms.emplace_back(length, 'a');
    for (const char last : {'b', 'c'})
        for (std::size_t length = 0; length < kTermBytesMax; length += 5)
            terms.push_back(std::string(length, 'a') + last);
    std::ranges::sort(terms);
    Postings postings;
    postings.add(3, mask_of(Field::body));
    PageWriter writer(SegmentId(1), {.term_bytes = 1U << 20, .postings_bytes = 1U << 20, .emails_max = 1000});
    writer.begin(Dictionary::body);
    for (const std::string& term : terms)
        writer.add(term, postings);
    writer.finish();
    const Pages pages = pages_of(writer);
    EXPECT_EQ(pages.size(), 2U);
    const auto page = TermPage::decode(pages.rbegin()->first, pages.rbegin()->second);
    ASSERT_TRUE(page);
    EXPECT_TRUE(std::ranges::equal(page->terms(), terms));
}

TEST(Pages, AreDamagedWithAnyOctetChanged) {
    const Pages pages = segment_of(SegmentId(1), many_terms(20, 0), 20);
    for (const auto& [key, value] : pages) {
        for (std::size_t at = 0; at < value.size(); ++at) {
            std::string changed = value;
            changed[at] = static_cast<char>(changed[at] ^ 0x10);
            EXPECT_FALSE(TermPage::decode(key, changed) || decode_postings_page(key, changed));
        }
        EXPECT_FALSE(decode_postings_page(key + "x", value)) << "of another page";
    }
}

/// Merges the bodies' dictionaries of all segments; the contents, or nothing if it finds damage.
std::optional<Contents> merged(const std::vector<Pages>& segments, const std::vector<MergeSource>& sources,
                               const EmailBits* live) {
    PageWriter writer(SegmentId(99), kSmall);
    writer.begin(Dictionary::body);
    const std::uint32_t emails = sources.back().offset + sources.back().emails;
    Merge merge(Dictionary::body, sources, live, &writer);
    std::vector<Pages::const_iterator> at;
    for (std::uint32_t number = 0; number < segments.size(); ++number)
        at.push_back(segments[number].lower_bound(term_pages(body_of(SegmentId(number))).begin));
    for (;;) {
        bool sound = true;
        if (const auto wanted = merge.wanted()) {
            auto& page = at[*wanted];
            const Pages& pages = segments[*wanted];
            if (page == pages.end()) {
                sound = merge.end();
            } else {
                const Volume volume = body_of(SegmentId(static_cast<std::uint32_t>(*wanted)));
                const std::string key = postings_page_key(volume, first_term_of(page->first));
                const auto lists = pages.find(key);
                sound = merge.feed({page->first, page->second},
                                   lists == pages.end() ? store::Row() : store::Row{key, lists->second});
                ++page;
            }
        } else if (merge.running()) {
            sound = merge.run(3);
        } else {
            break;
        }
        if (!sound) return std::nullopt;
    }
    writer.finish();
    return contents_of(pages_of(writer), SegmentId(99), emails);
}

TEST(Merge, HasAllTermsOfLiveEmails) {
    const std::vector<Contents> parts{many_terms(10, 0), many_terms(25, 500), many_terms(3, 100)};
    const std::vector<MergeSource> sources{{10, 0}, {25, 10}, {3, 40}}; // five ids are of no email
    std::vector<Pages> segments;
    Contents all;
    Contents without_eleven;
    for (std::uint32_t number = 0; number < parts.size(); ++number) {
        segments.push_back(segment_of(SegmentId(number), parts[number], sources[number].emails));
        for (const auto& [term, list] : parts[number]) {
            for (const std::uint32_t email : list) {
                all[term].push_back(email + sources[number].offset);
                if (email + sources[number].offset != 11)
                    without_eleven[term].push_back(email + sources[number].offset);
            }
        }
    }
    EXPECT_EQ(merged(segments, sources, nullptr), all);
    EmailBits live(43);
    for (std::size_t email = 0; email < 43; ++email)
        if (email != 11) live.add(email);
    EXPECT_EQ(merged(segments, sources, &live), without_eleven);
}

TEST(Merge, NoticesAPageThatIsMissing) {
    const Contents contents = many_terms(10, 0);
    const std::vector<MergeSource> source{{10, 0}};
    const Pages whole = segment_of(SegmentId(0), contents, 10);
    EXPECT_EQ(merged({whole}, source, nullptr), contents);
    for (const auto& [key, value] : whole) {
        if (!key.starts_with(term_pages(body_of(SegmentId(0))).begin) && key.front() == 'T') continue; // no terms
        Pages lacking = whole;
        lacking.erase(key);
        EXPECT_EQ(merged({lacking}, source, nullptr), std::nullopt) << first_term_of(key);
    }
}

TEST(SegmentBuilder, KeepsSoManyTermsOfAnEmail) {
    SegmentBuilder builder;
    builder.begin_email(0);
    std::size_t kept = 0;
    while (builder.add("t" + std::to_string(kept), Field::body))
        ++kept;
    EXPECT_EQ(kept, kEmailPostingsMax);
    builder.begin_email(1);
    EXPECT_TRUE(builder.add("t1", Field::body));
    PageWriter writer(SegmentId(0), kSmall);
    builder.write(writer);
    const Contents contents = contents_of(pages_of(writer), SegmentId(0), 2);
    EXPECT_THAT(contents.at(std::string(kIncomplete)), ElementsAre(0));
    EXPECT_THAT(contents.at("t1"), ElementsAre(0, 1));
}

/// Some of the emails with the term in the body, a third of these in two fields of the header.
Postings postings_of(const std::vector<std::uint32_t>& emails) {
    Postings postings;
    for (const std::uint32_t email : emails) {
        postings.add(email, mask_of(Field::body));
        if (email % 3 == 0) postings.add(email, mask_of(Field::from) | mask_of(Field::subject));
    }
    return postings;
}

TEST(Postings, ComeBackAsTheyWere) {
    SeededRandom random(5);
    for (const std::uint32_t step : {1U, 2U, 5U, 40U, 100U, 2000U, 60'000U}) {
        std::vector<std::uint32_t> emails;
        constexpr std::uint32_t kEmails = 131'072;
        for (std::uint64_t email = random.below(step); email < kEmails; email += 1 + random.below(2 * step))
            emails.push_back(static_cast<std::uint32_t>(email));
        const Postings postings = postings_of(emails);
        for (const Dictionary dictionary : kDictionaries) {
            const std::string octets = postings.encode(dictionary);
            EXPECT_LE(octets.size(), postings_bytes_max(kEmails));
            EXPECT_EQ(octets.empty(), dictionary == Dictionary::header || emails.empty());
            if (octets.empty()) continue;
            const EncodedPostings encoded{dictionary, octets};
            const auto decoded = Postings::decode(encoded, kEmails);
            ASSERT_TRUE(decoded);
            for (std::size_t field = 0; field < kFields; ++field)
                if ((fields_of(dictionary) >> field & 1) != 0)
                    EXPECT_EQ(decoded->of(field), postings.of(field)) << step;
            const auto& list = postings.of(dictionary == Dictionary::body ? 6 : 0);
            EXPECT_FALSE(Postings::decode(encoded, list.back())) << "an email beyond the segment";
            EmailBits found(kEmails);
            EXPECT_TRUE(add_postings(encoded, mask_of(Field::body) | mask_of(Field::from), kEmails, found));
            EXPECT_EQ(found.count(), list.size());
        }
    }
}

TEST(IndexState, ComesBackAndNoticesDamage) {
    IndexState state{.terms_version = 3, .account_version = store::Version(77), .formats = 3};
    state.messages.next_email = 5000;
    state.attachments.next_email = 12;
    state.next_segment = SegmentId(9);
    state.attachments.segments = {
        {.id = SegmentId(3), .first = 9, .end = 12, .emails = 3, .terms = 1, .pages = {1, 1, 1}, .bytes = 3}};
    state.messages.segments = {
        {.id = SegmentId(8), .first = 1, .end = 4097, .emails = 4096, .terms = 5, .pages = {1, 2, 3}, .bytes = 9},
        {.id = SegmentId(2), .first = 4100, .end = 4101, .emails = 1, .terms = 1, .pages = {1, 1, 1}, .bytes = 3}};
    const std::string octets = encode_state(state);
    EXPECT_EQ(decode_state(octets), state);
    for (std::size_t at = 0; at < octets.size(); ++at) {
        std::string changed = octets;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        EXPECT_EQ(decode_state(changed), std::nullopt);
    }
}

TEST(IndexState, JoinsFourOfAKind) {
    const auto join_of = [](const std::vector<std::uint32_t>& spans, std::uint32_t emails_max) {
        LayerState layer;
        for (const std::uint32_t span : spans) {
            const std::uint32_t first = layer.next_email;
            layer.segments.push_back({.first = first, .end = first + span});
            layer.next_email += span;
        }
        return segments_to_join(layer, emails_max);
    };
    EXPECT_EQ(join_of({1, 1, 1}, 1000), 0U);
    EXPECT_EQ(join_of({1, 1, 1, 1}, 1000), 4U);
    EXPECT_EQ(join_of({100, 1, 1, 1, 1}, 1000), 4U);
    EXPECT_EQ(join_of({5, 5, 5, 2, 1, 1}, 1000), 6U);
    EXPECT_EQ(join_of({300, 300, 300, 300}, 1000), 0U) << "too many emails together";
}

} // namespace
} // namespace tegami::index
