using System.Globalization;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Fleets;

/// <summary>
/// What the plugins of each vendor publish about the GPUs of a node. Where a vendor publishes no memory, the memory that the
/// fleet file gives becomes the annotation with which users override a label.
/// </summary>
internal static class VendorLabels
{
    public const string MemoryAnnotation = "inference.gpustack.io/gpu-memory";

    private const long MiB = 1L << 20;
    private const long GiB = 1L << 30;

    public static void Add(NodeGroupGpu gpu, Dictionary<string, string> labels, Dictionary<string, string> annotations, Dictionary<string, Quantity> capacity)
    {
        switch (gpu.Vendor)
        {
            case GpuVendor.NVIDIA:
                capacity["nvidia.com/gpu"] = gpu.Count;
                Nvidia(gpu, labels);
                return;
            case GpuVendor.AMD:
                capacity["amd.com/gpu"] = gpu.Count;
                Amd(gpu, labels);
                return;
            case GpuVendor.Intel:
                capacity["gpu.intel.com/xe"] = gpu.Count;
                labels["gpu.intel.com/device.count"] = Text(gpu.Count);
                labels["gpu.intel.com/product"] = gpu.Product.Replace(' ', '_');
                if (gpu.Product.Split('_', ' ', '-') is [var family, _, ..]) labels["gpu.intel.com/family"] = family + "_Series";
                break;
            case GpuVendor.Ascend:
                // The resource's name carries the product: huawei.com/Ascend910B3.
                capacity["huawei.com/" + gpu.Product.Replace(' ', '-')] = gpu.Count;
                break;
            case GpuVendor.Hygon:
                capacity["hygon.com/dcunum"] = gpu.Count;
                break;
            case GpuVendor.Cambricon:
                capacity["cambricon.com/mlu"] = gpu.Count;
                break;
            case GpuVendor.MetaX:
                capacity["metax-tech.com/gpu"] = gpu.Count;
                break;
            case GpuVendor.MooreThreads:
                capacity["mthreads.com/gpu"] = gpu.Count;
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(gpu), gpu.Vendor, "No labels are known for this vendor.");
        }
        if (gpu.Memory is { } memory) annotations[MemoryAnnotation] = Text(memory.ToInt64() / MiB) + "Mi";
    }

    /// <summary>gpu-feature-discovery's labels; the memory is MiB of one GPU.</summary>
    private static void Nvidia(NodeGroupGpu gpu, Dictionary<string, string> labels)
    {
        labels["nvidia.com/gpu.present"] = "true";
        labels["nvidia.com/gpu.product"] = gpu.Product.Replace(' ', '-');
        labels["nvidia.com/gpu.count"] = Text(gpu.Count);
        labels["nvidia.com/gpu.replicas"] = "1";
        labels["nvidia.com/gpu.mode"] = "compute";
        labels["nvidia.com/gpu.sharing-strategy"] = "none";
        labels["nvidia.com/mig.capable"] = "false";
        if (gpu.Memory is { } memory) labels["nvidia.com/gpu.memory"] = Text(memory.ToInt64() / MiB);
        if (gpu.ComputeCapability?.Split('.') is [var major, var minor])
        {
            labels["nvidia.com/gpu.compute.major"] = major;
            labels["nvidia.com/gpu.compute.minor"] = minor;
            labels["nvidia.com/gpu.family"] = Family(gpu.ComputeCapability);
        }
        if (gpu.Driver is { } driver)
        {
            labels["nvidia.com/cuda.driver-version.full"] = driver;
            var parts = driver.Split('.');
            if (parts.Length >= 2)
            {
                labels["nvidia.com/cuda.driver-version.major"] = parts[0];
                labels["nvidia.com/cuda.driver-version.minor"] = parts[1];
            }
            if (parts.Length >= 3) labels["nvidia.com/cuda.driver-version.revision"] = parts[2];
        }
    }

    private static string Family(string capability) => capability switch
    {
        "7.0" or "7.2" => "volta",
        "7.5" => "turing",
        "8.0" or "8.6" or "8.7" => "ampere",
        "8.9" => "ada-lovelace",
        "9.0" => "hopper",
        "10.0" or "10.3" or "11.0" or "12.0" or "12.1" => "blackwell",
        _ => "undefined",
    };

    /// <summary>The node labeller's labels; the memory is GiB, rounded, with the suffix G. There is no label with the count.</summary>
    private static void Amd(NodeGroupGpu gpu, Dictionary<string, string> labels)
    {
        labels["amd.com/gpu.product-name"] = gpu.Product.Replace(' ', '_');
        labels["amd.com/gpu.family"] = "AI";
        if (gpu.Memory is { } memory) labels["amd.com/gpu.vram"] = Text((memory.ToInt64() + GiB / 2) / GiB) + "G";
        if (gpu.Driver is { } driver) labels["amd.com/gpu.driver-version"] = driver;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
