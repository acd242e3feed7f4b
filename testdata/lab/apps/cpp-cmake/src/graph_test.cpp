#include "graph.h"

#include <sstream>

int main()
{
    std::istringstream in("a b 1\nb c 1\na c 3\n");
    Graph g;
    g.read(in);
    auto r = g.shortest("a", "c");
    bool works = r && r->length == 2 && r->stops.size() == 3 && !g.shortest("a", "z");
    return works ? 0 : 1;
}
