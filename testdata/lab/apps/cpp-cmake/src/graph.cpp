#include "graph.h"

#include <algorithm>
#include <queue>
#include <stdexcept>

void Graph::add(const std::string &a, const std::string &b, int length)
{
    roads[a].emplace_back(b, length);
    roads[b].emplace_back(a, length);
}

void Graph::read(std::istream &in)
{
    std::string a, b;
    int length;
    while (in >> a >> b >> length)
        add(a, b, length);
    if (!in.eof())
        throw std::runtime_error("expected: TOWN TOWN LENGTH");
}

std::optional<Route> Graph::shortest(const std::string &from, const std::string &to) const
{
    using Step = std::pair<int, std::string>;
    std::priority_queue<Step, std::vector<Step>, std::greater<>> todo;
    std::map<std::string, Step> best{{from, {0, ""}}};
    todo.push({0, from});
    while (!todo.empty()) {
        auto [length, town] = todo.top();
        todo.pop();
        if (length > best[town].first)
            continue;
        if (town == to) {
            Route r{length, {}};
            for (auto t = to; !t.empty(); t = best[t].second)
                r.stops.push_back(t);
            std::reverse(r.stops.begin(), r.stops.end());
            return r;
        }
        auto it = roads.find(town);
        if (it == roads.end())
            continue;
        for (const auto &[next, more] : it->second) {
            auto known = best.find(next);
            if (known == best.end() || length + more < known->second.first) {
                best[next] = {length + more, town};
                todo.push({length + more, next});
            }
        }
    }
    return std::nullopt;
}
