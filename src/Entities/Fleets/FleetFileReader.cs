using System.Globalization;
using System.Text.Json.Nodes;
using GpuStack.Entities.Manifests;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Fleets;

/// <summary>Reads a fleet's fields and says what is wrong with them.</summary>
internal static class FleetFileReader
{
    private static readonly string[] Vendors = [.. Enum.GetNames<GpuVendor>().Select(name => name.ToLowerInvariant())];

    public static FleetFile Read(JsonNode document, Func<string, string, ManifestException> refuse)
    {
        if (document is not JsonObject root) throw refuse("", $"expected a {FleetFile.Kind}, found {ManifestFields.Describe(document)}");
        var file = new ManifestFields(root, "", refuse);
        Expect(file, "apiVersion", FleetFile.ApiVersion);
        Expect(file, "kind", FleetFile.Kind);
        var metadata = file.Object("metadata");
        var name = metadata?.Text("name") ?? "";
        metadata?.Texts("labels");
        metadata?.Texts("annotations");
        metadata?.RefuseUnknown();

        var spec = file.Object("spec") ?? throw file.Refuse("spec", "is required; give nodeGroups in it");
        var groups = new List<NodeGroup>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var nodes = 0L;
        foreach (var fields in spec.Objects("nodeGroups"))
        {
            var group = Group(fields);
            if (!names.Add(group.Name)) throw fields.Refuse("name", $"'{group.Name}' stands twice; give each group a name of its own");
            nodes += group.Count;
            if (nodes > FleetFile.MaxNodes)
                throw fields.Refuse("count", string.Create(CultureInfo.InvariantCulture, $"the fleet has more than {FleetFile.MaxNodes} nodes; lower it"));
            groups.Add(group);
        }
        if (groups.Count == 0) throw spec.Refuse("nodeGroups", "is required; give at least one group of nodes");
        spec.RefuseUnknown();
        file.RefuseUnknown();
        return new FleetFile(name, groups);
    }

    private static void Expect(ManifestFields file, string name, string value)
    {
        if (file.RequiredText(name, value) is var found && found != value) throw file.Refuse(name, $"expected {value}, found {found}");
    }

    private static NodeGroup Group(ManifestFields fields)
    {
        var name = fields.RequiredText("name", "gpu");
        if (!FleetNames.IsGroupName(name))
            throw fields.Refuse("name", $"'{name}' is no name for nodes; use at most 50 of a-z, 0-9 and '-', with a letter or digit at both ends");
        var defaults = new NodeGroup { Name = name };
        var group = new NodeGroup
        {
            Name = name,
            Count = fields.Integer("count", 0, FleetFile.MaxNodes) ?? 1,
            Gpu = fields.Object("gpu") is { } gpu ? Gpu(gpu) : null,
            Cpu = fields.Quantity("cpu", "\"16\"") ?? defaults.Cpu,
            Memory = fields.Quantity("memory", "64Gi") ?? defaults.Memory,
            Pods = fields.Integer("pods", 0, 100_000) ?? defaults.Pods,
            Labels = Labels(fields, "labels"),
            Annotations = fields.Texts("annotations") ?? [],
            Taints = [.. fields.Objects("taints").Select(Taint)],
            Rack = LabelValue(fields, "rack"),
            Zone = LabelValue(fields, "zone"),
            Network = fields.Object("network") is { } network ? Network(network) : null,
        };
        fields.RefuseUnknown();
        return group;
    }

    private static NodeGroupGpu Gpu(ManifestFields fields)
    {
        var vendor = fields.RequiredText("vendor", "nvidia");
        var index = Array.IndexOf(Vendors, vendor.ToLowerInvariant());
        if (index < 0)
            throw fields.Refuse("vendor", $"'{vendor}' is no vendor that is known; expected one of {string.Join(", ", Vendors)}");
        var product = fields.RequiredText("product", "NVIDIA-L40S");
        if (!FleetNames.IsLabelValue(product.Replace(' ', '-')))
            throw fields.Refuse("product", $"'{product}' cannot stand in a node label; use at most 63 letters, digits, '-', '_' and '.'");
        var capability = fields.Text("computeCapability");
        if (capability is not null && !FleetNames.IsCapability(capability))
            throw fields.Refuse("computeCapability", $"'{capability}' is no compute capability; write it like \"8.9\"");
        var gpu = new NodeGroupGpu
        {
            Vendor = Enum.GetValues<GpuVendor>()[index],
            Product = product,
            Memory = fields.Quantity("memory", "46068Mi"),
            Count = fields.Integer("count", 1, 1024) ?? 1,
            Driver = LabelValue(fields, "driver"),
            ComputeCapability = capability,
            Dra = fields.Boolean("dra") ?? false,
        };
        if (gpu.Memory is { } memory && (memory < 1L << 20 || memory > 1L << 50))
            throw fields.Refuse("memory", $"{memory} is no memory of a GPU; write it like 46068Mi");
        if (gpu.Dra && FleetSlices.Driver(gpu.Vendor) is null)
            throw fields.Refuse("dra", $"no driver of dynamic resource allocation is known for {vendor}; remove it");
        fields.RefuseUnknown();
        return gpu;
    }

    private static V1Taint Taint(ManifestFields fields)
    {
        var taint = new V1Taint { Key = fields.RequiredText("key", "dedicated"), Value = fields.Text("value"), Effect = fields.RequiredText("effect", "NoSchedule") };
        if (!FleetNames.IsLabelKey(taint.Key))
            throw fields.Refuse("key", $"'{taint.Key}' is no key of a taint; write it like example.com/dedicated");
        if (taint.Effect is not ("NoSchedule" or "PreferNoSchedule" or "NoExecute"))
            throw fields.Refuse("effect", $"'{taint.Effect}' is no effect of a taint; expected NoSchedule, PreferNoSchedule or NoExecute");
        fields.RefuseUnknown();
        return taint;
    }

    private static NodeGroupNetwork Network(ManifestFields fields)
    {
        KubernetesDuration? latency = null;
        if (fields.Text("latency") is { } text)
        {
            if (!KubernetesDuration.TryParse(text, out var parsed) || parsed.Nanoseconds < 0)
                throw fields.Refuse("latency", $"'{text}' is no duration; write it like 50us");
            latency = parsed;
        }
        var network = new NodeGroupNetwork(fields.Quantity("bandwidth", "25G (bits per second)"), latency);
        fields.RefuseUnknown();
        return network;
    }

    private static Dictionary<string, string> Labels(ManifestFields fields, string name)
    {
        var labels = fields.Texts(name) ?? [];
        foreach (var (key, value) in labels)
        {
            if (!FleetNames.IsLabelKey(key)) throw fields.Refuse(name, $"'{key}' is no key of a label; write it like example.com/pool");
            if (!FleetNames.IsLabelValue(value))
                throw fields.Refuse(name, $"'{value}' is no value of the label {key}; use at most 63 letters, digits, '-', '_' and '.'");
        }
        return labels;
    }

    private static string? LabelValue(ManifestFields fields, string name)
    {
        var value = fields.Text(name);
        if (value is not null && (value.Length == 0 || !FleetNames.IsLabelValue(value)))
            throw fields.Refuse(name, $"'{value}' cannot stand in a node label; use at most 63 letters, digits, '-', '_' and '.'");
        return value;
    }
}
