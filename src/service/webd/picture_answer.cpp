// Pictures that a letter names.
#include "discovery/query.h"
#include "service/webd/letter.h"
#include "service/webd/outward_answers.h"
#include "service/webd/picture_head.h"

#include <utility>

namespace tegami::webd {

namespace {

/// What a picture takes while it passes: its beginning, and pieces.
constexpr std::uint64_t kPictureMemory = kPictureHeadBytesMax + (std::uint64_t{64} << 10);

/// What keeps others from taking more as long as a picture passes.
struct Keep {
    AccountPlaces::Place place;
    MemoryBudget::Charge memory;
};

class PictureBody final : public net::BodySource {
public:
    PictureBody(std::string start, std::unique_ptr<net::BodySource> rest, Keep keep)
        : start_(std::move(start)), rest_(std::move(rest)), keep_(std::move(keep)) {}

    async::Awaitable<Result<std::string, net::HttpFault>> read() override {
        constexpr std::size_t kPieceBytes = 64 * 1024;
        if (!start_.empty()) {
            std::string piece = start_.substr(0, kPieceBytes);
            start_.erase(0, piece.size());
            co_return piece;
        }
        co_return co_await rest_->read();
    }

private:
    std::string start_;
    std::unique_ptr<net::BodySource> rest_;
    const Keep keep_;
};

/// Whether the letter is there and names the address; a failure is the answer to the request.
async::Awaitable<Result<bool, net::HttpResponse>> is_in_letter(OutwardService* service, store::AccountId account,
                                                               store::EmailId email, net::WebUrl url) {
    auto letter = co_await find_letter(&service->store, account, email);
    if (!letter && letter.error().code == store::ErrorCode::not_found) co_return false;
    if (!letter) co_return failure(outward_later("unavailable"));
    const Letter* const read = &*letter;
    const auto named =
        co_await letter_names(&service->store, &service->workers, &service->memory, read, std::move(url));
    if (!named) co_return failure(outward_later("unavailable"));
    co_return *named;
}

net::WebQuestion question_about(net::WebUrl url) {
    return {
        .url = std::move(url),
        .fields = {{"Accept", "image/avif,image/webp,image/png,image/jpeg,image/gif"}, {"Accept-Encoding", "identity"}},
        .redirects_max = 3,
        .body_bytes_max = kPictureBytesMax,
        .patience = Duration(kOutwardPatience)};
}

/// The beginning of a picture, and what kind it is.
struct Start {
    std::string octets;
    Picture picture;
};

/// The error is a word for the page.
async::Awaitable<Result<Start, std::string_view>> read_start(net::BodySource* body) {
    std::string octets;
    for (;;) {
        const auto piece = co_await body->read();
        if (!piece) co_return failure(std::string_view("failed"));
        octets += *piece;
        const auto look = look_at_picture(octets);
        if (look && *look) co_return Start{.octets = std::move(octets), .picture = **look};
        if (look && look->error() == NoPicture::too_large) co_return failure(std::string_view("too-large"));
        if (look || piece->empty()) co_return failure(std::string_view("no-picture"));
    }
}

} // namespace

async::Awaitable<net::HttpResponse> answer_picture(OutwardService* service, store::AccountId account,
                                                   const net::HttpRequest* request, net::BodySource*) {
    if (!service->pictures) co_return outward_refusal(403, "off");
    const auto email = service->parse_email_id(discovery::query_value(request->target, "email").value_or(""));
    const auto text = discovery::query_value(request->target, "url");
    if (!email || !text) co_return outward_refusal(400, "malformed");
    auto url = net::parse_web_url(*text);
    if (!url) co_return outward_refusal(502, "refused");
    auto place = co_await service->places->take(account);
    MemoryBudget::Charge memory(&service->memory);
    if (!place || !memory.resize(kPictureMemory)) co_return outward_later("busy");
    auto named = co_await is_in_letter(service, account, *email, *url);
    if (!named) co_return std::move(named).error();
    if (!*named) co_return outward_refusal(404, "not in this letter");
    auto answer = co_await service->web.ask(question_about(*std::move(url)));
    if (!answer) co_return outward_refusal(502, answer.error().refused ? "refused" : "failed");
    if (answer->status != 200) co_return outward_refusal(502, "failed");
    auto start = co_await read_start(answer->body.get());
    if (!start) co_return outward_refusal(502, start.error());
    net::HttpResponse response;
    response.fields.add("Content-Type", std::string(start->picture.type));
    // Opening the letter again tells nobody.
    response.fields.add("Cache-Control", "private, max-age=86400");
    response.stream_bytes = answer->length;
    response.stream = std::make_unique<PictureBody>(std::move(start->octets), std::move(answer->body),
                                                    Keep{.place = *std::move(place), .memory = std::move(memory)});
    co_return response;
}

} // namespace tegami::webd
