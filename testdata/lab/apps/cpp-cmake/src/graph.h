#pragma once

#include <istream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

struct Route {
    int length;
    std::vector<std::string> stops;
};

class Graph {
public:
    void add(const std::string &a, const std::string &b, int length);
    void read(std::istream &in);
    std::optional<Route> shortest(const std::string &from, const std::string &to) const;

private:
    std::map<std::string, std::vector<std::pair<std::string, int>>> roads;
};
