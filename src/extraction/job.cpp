#include "extraction/job.h"

#include "base/sanitized.h"
#include "extraction/archives.h"
#include "extraction/office_text.h"
#include "sandbox/confine.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <string_view>

namespace tegami::extraction {

namespace {

bool limit(__rlimit_resource resource, rlim_t most) {
    const rlimit both{.rlim_cur = most, .rlim_max = most};
    return ::setrlimit(resource, &both) == 0;
}

bool set_limits(Format format) {
    return limit(RLIMIT_CPU, kJobSeconds) && limit(RLIMIT_FSIZE, output_bytes_max(format)) && limit(RLIMIT_CORE, 0) &&
           limit(RLIMIT_NOFILE, kJobFiles);
}

/// The last thing before it begins.
bool limit_memory() {
    return limit(RLIMIT_AS, kJobMemoryBytes);
}

/// The three standard descriptors, and no others.
bool keep_descriptors(int input, int output) {
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    // None of them is one of the first three: the helper has kept those free.
    return nowhere >= 0 && ::lseek(input, 0, SEEK_SET) == 0 && ::dup2(input, STDIN_FILENO) >= 0 &&
           ::dup2(output, STDOUT_FILENO) >= 0 && ::dup2(nowhere, STDERR_FILENO) >= 0 &&
           ::close_range(STDERR_FILENO + 1, ~0U, 0) == 0;
}

bool is_confined(Format format) {
    sandbox::Rules rules = rules_for(format);
    rules.processes = false;
    const auto confined = sandbox::confine(rules);
    return confined && confined->missing.empty();
}

bool write_all(std::string_view octets) {
    while (!octets.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, octets.data(), octets.size());
        if (written <= 0) return false;
        octets.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

/// The file in memory; empty if there is none, or no memory.
std::string_view map_input() {
    // The sanitizers keep a shadow of all addresses, which is larger than any limit.
    if (!kSanitized && !limit_memory()) return {};
    struct stat found{};
    if (::fstat(STDIN_FILENO, &found) != 0 || found.st_size <= 0) return {};
    const auto size = static_cast<std::size_t>(found.st_size);
    const void* const octets = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
    if (octets == MAP_FAILED) return {}; // NOLINT(performance-no-int-to-ptr): the system's macro
    return {static_cast<const char*>(octets), size};
}

int read_office_file() {
    const std::string_view octets = map_input();
    return !octets.empty() && read_office(octets, write_all) ? 0 : 1;
}

int unpack_archive() {
    const std::string_view octets = map_input();
    if (octets.empty()) return 1;
    const char outcome = to_octet(trust::unpack(octets, write_all));
    return write_all({&outcome, 1}) ? 0 : 1;
}

int become_pdf_reader() {
    char name[] = "pdftotext";
    char quiet[] = "-q";
    char no_page_breaks[] = "-nopgbrk";
    char encoding[] = "-enc";
    char utf8[] = "UTF-8";
    char standard[] = "-";
    char* const arguments[] = {name, quiet, no_page_breaks, encoding, utf8, standard, standard, nullptr};
    char* const environment[] = {nullptr};
    if (limit_memory()) ::execve(kPdfReader, arguments, environment);
    return 1;
}

} // namespace

sandbox::Rules rules_for(Format format) {
    sandbox::Rules rules{.files = {}, .helpers = format == Format::pdf, .network = false};
    if (format != Format::pdf) return rules;
    for (const char* const path : {kPdfReader, "/usr/lib", "/usr/local/lib", "/lib", "/lib64", "/etc/ld.so.cache",
                                   "/usr/share/poppler", "/dev/urandom"})
        rules.files.push_back({.path = path});
    rules.files.push_back({.path = "/dev/null", .access = sandbox::Access::write});
    return rules;
}

void run_job(Format format, int input, int output) {
    std::signal(SIGXFSZ, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    if (!keep_descriptors(input, output) || !set_limits(format) || !is_confined(format)) ::_exit(2);
    switch (format) {
    case Format::pdf: ::_exit(become_pdf_reader());
    case Format::office: ::_exit(read_office_file());
    case Format::archive: ::_exit(unpack_archive());
    }
    ::_exit(2);
}

} // namespace tegami::extraction
