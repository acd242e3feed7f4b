require "json"
require "yaml"

# Sorts towns into the routes of a file.
class DeliveryQueue
  def initialize(path)
    @routes = YAML.safe_load_file(path)
  end

  def sort(towns)
    groups = towns.group_by { |t| route_of(t) }
    JSON.generate(groups.sort.to_h { |route, list| [route, list.sort] })
  end

  private

  def route_of(town)
    @routes.each { |route, towns| return route if towns.include?(town) }
    "unknown"
  end
end
