using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.BuiltIn;

/// <summary>Gives services their cluster addresses (10.96.0.0/12) and node ports.</summary>
internal sealed class ServiceAddresses
{
    private const uint FirstAddress = (10u << 24) | (96u << 16) | 10;
    private const int FirstNodePort = 30000;
    private const int NodePorts = 2768;
    private int _addresses;
    private int _nodePorts;

    public void Assign(JsonObject service)
    {
        service["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
        if (service["spec"] is not JsonObject spec || spec["type"].AsText() == "ExternalName")
            return;
        if (spec["clusterIP"].AsText() is not { Length: > 0 })
        {
            var address = FirstAddress + (uint)Interlocked.Increment(ref _addresses);
            spec["clusterIP"] = $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}";
        }

        spec["clusterIPs"] = new JsonArray(spec["clusterIP"].AsText());
        if (spec["type"].AsText() is not ("NodePort" or "LoadBalancer"))
            return;
        foreach (var port in spec.Objects("ports"))
            port.Default("nodePort", FirstNodePort + (Interlocked.Increment(ref _nodePorts) % NodePorts));
    }

    /// <summary>A service keeps its address when an update leaves it out.</summary>
    public static void Keep(JsonObject service, JsonObject old)
    {
        if (service["spec"] is not JsonObject spec || old["spec"] is not JsonObject before || spec["type"].AsText() == "ExternalName")
            return;
        foreach (var field in (string[])["clusterIP", "clusterIPs"])
        {
            if (spec[field] is null && before[field] is { } value)
                spec[field] = value.DeepClone();
        }
    }
}
