#include <banach/formats/file.hpp>
#include <banach/formats/png.hpp>
#include <tests/support/picture.hpp>
#include <tests/support/temp_dir.hpp>

#include <cstdlib>
#include <doctest/doctest.h>
#include <sstream>

#include <unistd.h>

namespace banach::testing {

bool has_gnuplot() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((folder + "/gnuplot").c_str(), X_OK) == 0) return true;
  }
  return false;
}

bool is_well_formed(const std::string& xml) {
  std::vector<std::string> open;
  bool has_root = false;
  for (std::size_t at = xml.find('<'); at != std::string::npos; at = xml.find('<', at)) {
    const bool is_comment = xml.compare(at, 4, "<!--") == 0;
    const bool is_data = xml.compare(at, 9, "<![CDATA[") == 0;
    const std::string end = is_comment ? "-->" : is_data ? "]]>" : ">";
    const std::size_t close = xml.find(end, at);
    if (close == std::string::npos) return false;
    const std::string tag = xml.substr(at + 1, close - at - 1);
    at = close + end.size();
    if (is_comment || is_data || tag.starts_with("?") || tag.starts_with("!")) continue;
    if (tag.find('<') != std::string::npos) return false;
    if (tag.starts_with("/")) {
      std::string name = tag.substr(1);
      name.erase(name.find_last_not_of(" \r\n\t") + 1);
      if (open.empty() || open.back() != name) return false;
      open.pop_back();
      continue;
    }
    if (open.empty() && has_root) return false;
    has_root = true;
    if (!tag.ends_with("/")) open.push_back(tag.substr(0, tag.find_first_of(" \r\n\t")));
  }
  return has_root && open.empty();
}

void check_draws(const plot::Figure& figure, const std::vector<std::string>& texts) {
  if (!has_gnuplot()) return;
  const TempDir folder;
  figure.save(folder / "picture.svg");
  const formats::Bytes bytes = formats::read_file(folder / "picture.svg");
  const std::string svg(formats::as_text(bytes));
  CHECK(is_well_formed(svg));
  for (const std::string& text : texts) {
    INFO(text);
    CHECK(svg.find(text) != std::string::npos);
  }
  figure.save(folder / "picture.png");
  const Array png = formats::load_png(folder / "picture.png");
  CHECK(png.dim(0) > 100);
  CHECK(variance(png.astype(float32)) > 0);
  CHECK(folder.entries() == 2);
}

}  // namespace banach::testing
