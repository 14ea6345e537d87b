namespace GpuStack.Modeling.Hubs.Oci;

/// <summary>How a layer holds files.</summary>
internal enum OciPacking
{
    /// <summary>It holds none that matter: licences, templates, data sets.</summary>
    None,

    /// <summary>It is one file.</summary>
    File,

    /// <summary>It is a tar archive.</summary>
    Tar,

    /// <summary>It is a tar archive in a gzip file.</summary>
    TarGzip,

    /// <summary>It is packed in a way that cannot be read here.</summary>
    Unreadable,
}
