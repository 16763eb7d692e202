#include "service/webd/page_routes.h"

#include "discovery/settings_page.h"
#include "service/httpd/host_asked.h"
#include "service/httpd/page_fields.h"
#include "service/webd/missing_page.h"
#include "service/webd/negotiation.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace tegami::webd {

namespace {

constexpr std::string_view kMail = "/mail/";
constexpr std::string_view kAdministration = "/admin/";
constexpr std::string_view kFramePath = "/mail/frame.html";
constexpr std::string_view kWorkerPath = "/mail/worker.js";

/// Scripts make markup through the two named policies alone: the page's own, and that of what cleans letters.
constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "font-src 'self'; frame-src 'self' blob:; worker-src 'self'; manifest-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types tegami dompurify";

/// The page fills the document from outside (allow-same-origin); nothing in it runs. A link opens in a new tab that is not
/// held by the sandbox.
constexpr std::string_view kFramePolicy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' blob: data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox";

constexpr std::string_view kMissingPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Octets that are there for ever, a piece at a time.
class EmbeddedBody final : public net::BodySource {
public:
    explicit EmbeddedBody(std::string_view octets) : rest_(octets) {}

    async::Awaitable<Result<std::string, net::HttpFault>> read() override {
        constexpr std::size_t kPieceBytes = 16 * 1024;
        std::string piece(rest_.substr(0, kPieceBytes));
        rest_.remove_prefix(piece.size());
        co_return piece;
    }

private:
    std::string_view rest_;
};

/// The folder of the page that an address belongs to: "/mail/".
std::string_view folder_of(std::string_view path) {
    return path.substr(0, path.find('/', 1) + 1);
}

/// Whether the name of a file says what is in it.
bool is_asset(std::string_view path) {
    return path.substr(folder_of(path).size()).starts_with("assets/");
}

struct Site {
    std::string host;
    std::span<const File> files;

    const File* find(std::string_view path) const {
        const auto found = std::ranges::lower_bound(files, path, {}, &File::path);
        return found != files.end() && found->path == path ? &*found : nullptr;
    }

    /// The file for an address below the folder of a page; null: there is none.
    const File* for_address(std::string_view path) const {
        if (const File* const file = find(path)) return file;
        const std::string_view last = path.substr(path.rfind('/') + 1);
        return last.contains('.') || is_asset(path) ? nullptr : find(std::string(folder_of(path)) + "index.html");
    }
};

/// The octets in one of their forms, and what tells them apart (RFC 9110 §8.8.3.3).
struct Form {
    std::string_view octets;
    std::string_view encoding; ///< empty: none
    std::string tag;
};

Form form_of(const File& file, Encoding encoding) {
    switch (encoding) {
    case Encoding::brotli: return {file.brotli, "br", fmt::format("\"{}-br\"", file.tag)};
    case Encoding::gzip: return {file.gzip, "gzip", fmt::format("\"{}-gzip\"", file.tag)};
    case Encoding::plain: break;
    }
    return {file.plain, "", fmt::format("\"{}\"", file.tag)};
}

net::HttpResponse file_response(const File& file, const net::HttpRequest& request) {
    const Form form = form_of(file, encoding_wanted(request.fields.find("Accept-Encoding").value_or(""),
                                                    !file.gzip.empty(), !file.brotli.empty()));
    net::HttpResponse response;
    response.fields.add("ETag", form.tag);
    response.fields.add("Vary", "Accept-Encoding");
    response.fields.add("Cache-Control", is_asset(file.path) ? "public, immutable, max-age=31536000" : "no-cache");
    httpd::add_page_fields(response, file.path == kFramePath ? kFramePolicy : kPagePolicy);
    if (file.path == kWorkerPath) response.fields.add("Service-Worker-Allowed", std::string(kMail));
    const auto known = request.fields.find("If-None-Match");
    if (known && matches_tag(*known, form.tag)) {
        response.status = 304;
        return response;
    }
    response.fields.add("Content-Type", std::string(file.type));
    if (!form.encoding.empty()) response.fields.add("Content-Encoding", std::string(form.encoding));
    response.stream_bytes = form.octets.size();
    response.stream = std::make_unique<EmbeddedBody>(form.octets);
    return response;
}

net::HttpResponse missing_response(const net::HttpRequest& request) {
    const Language language = discovery::language_wanted(request.fields.find("Accept-Language").value_or(""));
    net::HttpResponse response;
    response.status = 404;
    response.fields.add("Content-Type", "text/html; charset=utf-8");
    response.fields.add("Vary", "Accept-Language");
    response.fields.add("Cache-Control", "no-cache");
    httpd::add_page_fields(response, kMissingPolicy);
    response.body = missing_page(language);
    return response;
}

async::Awaitable<net::HttpResponse> answer_page(const Site* site, const net::HttpRequest* request) {
    if (httpd::host_asked(*request) != site->host) co_return net::text_response(404, "not found");
    if (site->files.empty()) co_return missing_response(*request);
    const File* const file = site->for_address(request->path());
    if (file == nullptr) co_return net::text_response(404, "not found");
    co_return file_response(*file, *request);
}

async::Awaitable<net::HttpResponse> lead_to(const Site* site, std::string page, const net::HttpRequest* request) {
    if (httpd::host_asked(*request) != site->host) co_return net::text_response(404, "not found");
    net::HttpResponse response = net::text_response(302, "the page is at " + page);
    response.fields.add("Location", std::move(page));
    httpd::add_page_fields(response, kMissingPolicy);
    co_return response;
}

} // namespace

void add_page_routes(net::HttpRoutes& routes, std::string host, std::span<const File> files) {
    const auto site = std::make_shared<const Site>(Site{std::move(host), files});
    const auto add_leading = [&routes, &site](const char* path, std::string_view page) {
        routes.add("GET", path, [site, page](net::HttpRequest* request, net::BodySource*) {
            return lead_to(site.get(), std::string(page), request);
        });
    };
    add_leading("/", kMail);
    add_leading("/mail", kMail);
    add_leading("/admin", kAdministration);
    for (const char* const below : {"/mail/*", "/admin/*"})
        routes.add("GET", below,
                   [site](net::HttpRequest* request, net::BodySource*) { return answer_page(site.get(), request); });
}

} // namespace tegami::webd
