namespace GpuStack.Entities.V1Alpha1;

/// <summary>Who makes the GPU, and hence which device plugin offers it.</summary>
public enum GpuVendor
{
    /// <summary>NVIDIA (<c>nvidia.com/gpu</c>).</summary>
    NVIDIA,

    /// <summary>AMD (<c>amd.com/gpu</c>).</summary>
    AMD,

    /// <summary>Intel (<c>gpu.intel.com/xe</c>, <c>gpu.intel.com/i915</c>).</summary>
    Intel,

    /// <summary>Huawei Ascend (<c>huawei.com/Ascend…</c>).</summary>
    Ascend,

    /// <summary>Hygon DCU (<c>hygon.com/dcunum</c>).</summary>
    Hygon,

    /// <summary>Cambricon MLU (<c>cambricon.com/mlu</c>).</summary>
    Cambricon,

    /// <summary>MetaX (<c>metax-tech.com/gpu</c>).</summary>
    MetaX,

    /// <summary>Moore Threads (<c>mthreads.com/gpu</c>).</summary>
    MooreThreads,
}
