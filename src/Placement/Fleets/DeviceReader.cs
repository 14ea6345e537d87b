using System.Collections.Immutable;
using GpuStack.Modeling;
using GpuStack.Placement.Products;

namespace GpuStack.Placement.Fleets;

/// <summary>
/// Reads the kinds of devices of a node. What is allocatable decides that there are devices and how many; labels say of
/// which product and memory; the product table fills the gaps; the annotation <see cref="MemoryAnnotation"/> beats both.
/// A unit that is part of a GPU (MIG slice, time-sliced or HAMi share) has the memory of that part.
/// </summary>
internal static class DeviceReader
{
    public const string MemoryAnnotation = "inference.gpustack.io/gpu-memory";

    /// <summary>Vendors whose plugins publish one resource (or several that begin alike) and few or no labels.</summary>
    private static readonly (string Prefix, string Vendor)[] s_plainVendors =
    [
        ("huawei.com/Ascend", "ascend"), ("hygon.com/dcunum", "hygon"), ("cambricon.com/mlu", "cambricon"),
        ("metax-tech.com/gpu", "metax"), ("mthreads.com/gpu", "mthreads"),
    ];

    public static ImmutableArray<DevicePool> Read(NodeFacts node, ProductTable products, Func<string, long> taken)
    {
        var pools = ImmutableArray.CreateBuilder<DevicePool>();
        foreach (var (resource, amount) in node.Allocatable)
        {
            if (amount <= 0 || Read(node, resource, (int)Math.Min(amount, LabelValues.MaxUnits), products) is not { } pool)
                continue;
            var free = Math.Max(0, Math.Min(amount, LabelValues.MaxUnits) - taken(resource));
            pools.Add(pool with { Free = (int)free });
        }

        pools.Sort((a, b) =>
        {
            var order = (b.MemoryPerGpu * b.Allocatable).CompareTo(a.MemoryPerGpu * a.Allocatable);
            return order != 0 ? order : string.CompareOrdinal(a.ResourceName, b.ResourceName);
        });
        return pools.ToImmutable();
    }

    public static string Describe(DevicePool pool) => pool.Product.Length > 0 ? pool.Product : pool.ResourceName;

    private static DevicePool? Read(NodeFacts node, string resource, int count, ProductTable products)
    {
        if (resource is "nvidia.com/gpu" or "nvidia.com/gpu.shared")
            return Nvidia(node, resource, count, products);
        if (resource.StartsWith("nvidia.com/mig-", StringComparison.Ordinal))
            return MixedMig(node, resource, count, products);
        if (resource == "amd.com/gpu" || IsAmdPartition(resource))
            return Amd(node, resource, count, products);
        if (resource is "gpu.intel.com/i915" or "gpu.intel.com/xe")
            return Intel(node, resource, count, products);
        foreach (var (prefix, vendor) in s_plainVendors)
        {
            if (resource.StartsWith(prefix, StringComparison.Ordinal) && !IsPartOfShare(resource))
                return Plain(node, resource, vendor, count, products);
        }

        return null;
    }

    private static DevicePool Nvidia(NodeFacts node, string resource, int count, ProductTable products)
    {
        var hami = HamiRegistration.Parse(node.Annotations.GetValueOrDefault(HamiRegistration.Annotation));
        var product = LabelValues.Text(node.Labels.GetValueOrDefault("nvidia.com/gpu.product"));
        if (product.Length == 0)
            product = hami?.Product ?? "";
        var known = products.Find("nvidia", product);
        var whole = Override(node) ?? LabelValues.MiB(node.Labels.GetValueOrDefault("nvidia.com/gpu.memory"));
        var isMig = product.Contains("-MIG-", StringComparison.OrdinalIgnoreCase);
        whole ??= hami?.Memory ?? (isMig ? MigProfileMemory(product) : known?.Memory);

        // Where HAMi offers the GPUs, gpu-feature-discovery knows nothing of it and labels them as whole ones: the smaller share counts.
        var replicas = Math.Max(LabelValues.Count(node.Labels.GetValueOrDefault("nvidia.com/gpu.replicas")) ?? 1, hami?.Split ?? 1);
        var sharing = node.Labels.GetValueOrDefault("nvidia.com/gpu.sharing-strategy") is "time-slicing" or "mps";
        var shared = replicas > 1 || sharing || resource.EndsWith(".shared", StringComparison.Ordinal)
            || product.EndsWith("-SHARED", StringComparison.OrdinalIgnoreCase);
        if (shared && replicas == 1)
        {
            // A share of unknown size: the count label, when there is one, tells how many units one GPU became.
            var gpus = LabelValues.Count(node.Labels.GetValueOrDefault("nvidia.com/gpu.count"));
            if (gpus is { } physical && count > physical)
                replicas = (count + physical - 1) / physical;
            else
                whole = null;
        }

        return new DevicePool
        {
            Vendor = "nvidia",
            Product = product,
            ResourceName = resource,
            Unit = shared ? DeviceUnit.Share : isMig ? DeviceUnit.MigSlice : DeviceUnit.Gpu,
            MemoryPerGpu = new Bytes((whole?.Value ?? 0) / replicas),
            Allocatable = count,
            ComputeCapability = NvidiaCapability(node) ?? known?.ComputeCapability,
            DriverVersion = NvidiaDriver(node),
            Speed = isMig ? SliceSpeed(known, whole) : known?.Speed ?? default,
        };
    }

    private static DevicePool MixedMig(NodeFacts node, string resource, int count, ProductTable products)
    {
        var product = LabelValues.Text(node.Labels.GetValueOrDefault(resource + ".product"));
        if (product.Length == 0)
            product = LabelValues.Text(node.Labels.GetValueOrDefault("nvidia.com/gpu.product")) + "-MIG-" + LabelValues.Text(resource["nvidia.com/mig-".Length..]);
        var memory = Override(node) ?? LabelValues.MiB(node.Labels.GetValueOrDefault(resource + ".memory")) ?? MigProfileMemory(product);
        var replicas = LabelValues.Count(node.Labels.GetValueOrDefault(resource + ".replicas")) ?? 1;
        var known = products.Find("nvidia", product);
        return new DevicePool
        {
            Vendor = "nvidia",
            Product = product,
            ResourceName = resource,
            Unit = replicas > 1 ? DeviceUnit.Share : DeviceUnit.MigSlice,
            MemoryPerGpu = new Bytes((memory?.Value ?? 0) / replicas),
            Allocatable = count,
            ComputeCapability = NvidiaCapability(node) ?? known?.ComputeCapability,
            DriverVersion = NvidiaDriver(node),
            Speed = SliceSpeed(known, memory),
        };
    }

    private static DevicePool Amd(NodeFacts node, string resource, int count, ProductTable products)
    {
        var product = LabelValues.Text(node.Labels.GetValueOrDefault("amd.com/gpu.product-name") ?? InKey(node, "beta.amd.com/gpu.product-name."));
        var known = products.Find("amd", product);
        var whole = resource == "amd.com/gpu";
        // The labels describe the card; only the annotation can tell the memory of a partition.
        var memory = Override(node) ?? (whole
            ? LabelValues.AmdGiB(node.Labels.GetValueOrDefault("amd.com/gpu.vram") ?? InKey(node, "beta.amd.com/gpu.vram.")) ?? known?.Memory
            : null);
        return new DevicePool
        {
            Vendor = "amd",
            Product = product,
            ResourceName = resource,
            Unit = whole ? DeviceUnit.Gpu : DeviceUnit.MigSlice,
            MemoryPerGpu = memory ?? default,
            Allocatable = count,
            DriverVersion = LabelValues.Text(node.Labels.GetValueOrDefault("amd.com/gpu.driver-version")),
            Speed = whole ? known?.Speed ?? default : SliceSpeed(known, memory),
        };
    }

    private static DevicePool Intel(NodeFacts node, string resource, int count, ProductTable products)
    {
        var product = LabelValues.Text(node.Labels.GetValueOrDefault("gpu.intel.com/product"));
        var known = products.Find("intel", product);
        // The plugin offers each GPU several times when sharedDevNum is set.
        var physical = LabelValues.Count(node.Labels.GetValueOrDefault("gpu.intel.com/device.count"));
        var replicas = physical is { } gpus && count > gpus ? (count + gpus - 1) / gpus : 1;
        return new DevicePool
        {
            Vendor = "intel",
            Product = product,
            ResourceName = resource,
            Unit = replicas > 1 ? DeviceUnit.Share : DeviceUnit.Gpu,
            MemoryPerGpu = new Bytes(((Override(node) ?? known?.Memory)?.Value ?? 0) / replicas),
            Allocatable = count,
            Speed = known?.Speed ?? default,
        };
    }

    private static DevicePool Plain(NodeFacts node, string resource, string vendor, int count, ProductTable products)
    {
        var product = LabelValues.Text(resource[(resource.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        var chip = LabelValues.Text(node.Labels.GetValueOrDefault("node.kubernetes.io/npu.chip.name"));
        var known = products.Find(vendor, chip.Length > 0 ? chip : product) ?? products.Find(vendor, product);
        return new DevicePool
        {
            Vendor = vendor,
            Product = known?.Name ?? product,
            ResourceName = resource,
            MemoryPerGpu = Override(node) ?? known?.Memory ?? default,
            Allocatable = count,
            Speed = known?.Speed ?? default,
        };
    }

    private static Bytes? Override(NodeFacts node) => LabelValues.Quantity(node.Annotations.GetValueOrDefault(MemoryAnnotation));

    /// <summary>Resources that count memory or cores of a share instead of devices.</summary>
    private static bool IsPartOfShare(string resource) =>
        resource.EndsWith("memory", StringComparison.OrdinalIgnoreCase) || resource.EndsWith("core", StringComparison.OrdinalIgnoreCase);

    private static bool IsAmdPartition(string resource) =>
        resource.StartsWith("amd.com/", StringComparison.Ordinal) && resource.Contains("_nps", StringComparison.Ordinal);

    /// <summary>The value that AMD's older labels carry in their key; the smallest, should there be several.</summary>
    private static string? InKey(NodeFacts node, string prefix) =>
        node.Labels.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Select(k => k[prefix.Length..]).Min(StringComparer.Ordinal);

    private static ComputeCapability? NvidiaCapability(NodeFacts node) =>
        node.Labels.TryGetValue("nvidia.com/gpu.compute.major", out var major)
            ? ComputeCapability.Parse($"{major}.{node.Labels.GetValueOrDefault("nvidia.com/gpu.compute.minor") ?? "0"}")
            : null;

    private static string NvidiaDriver(NodeFacts node) =>
        node.Labels.TryGetValue("nvidia.com/cuda.driver-version.full", out var full) ? LabelValues.Text(full)
        : node.Labels.TryGetValue("nvidia.com/cuda.driver.major", out var major)
            ? LabelValues.Text($"{major}.{node.Labels.GetValueOrDefault("nvidia.com/cuda.driver.minor")}.{node.Labels.GetValueOrDefault("nvidia.com/cuda.driver.rev")}")
        : "";

    /// <summary>The profile's nominal GB (<c>1g.5gb</c>) less 5 %, which is what such slices report.</summary>
    private static Bytes? MigProfileMemory(string product)
    {
        var dot = product.LastIndexOf('.');
        var end = product.LastIndexOf("gb", StringComparison.OrdinalIgnoreCase);
        return dot > 0 && end > dot && LabelValues.Count(product[(dot + 1)..end]) is { } gigabytes ? Bytes.FromMiB(gigabytes * 1024 * 0.95) : null;
    }

    /// <summary>Bandwidth and throughput by the slice's share of the memory. Slices reach no other GPU, neither by NVLink nor by PCIe (NVIDIA MIG user guide).</summary>
    private static DeviceSpeed SliceSpeed(GpuProduct? product, Bytes? memory)
    {
        if (product is null || memory is not { } slice || product.Memory.Value == 0)
            return default;
        var share = Math.Min(1, (double)slice.Value / product.Memory.Value);
        return new DeviceSpeed((int)(product.BandwidthGBs * share), product.TensorTflops * share);
    }
}
