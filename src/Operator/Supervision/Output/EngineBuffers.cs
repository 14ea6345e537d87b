namespace GpuStack.Operator.Supervision.Output;

/// <summary>What an engine that runs made of buffers, in MiB: on GPUs, near and far, by what they are for; and on the host. Immutable.</summary>
internal sealed record EngineBuffers
{
    public double Model { get; init; }

    public double Cache { get; init; }

    public double Compute { get; init; }

    public double Host { get; init; }

    /// <summary>On all GPUs.</summary>
    public double Devices => Model + Cache + Compute;

    /// <summary>Adds a buffer. A draft model has buffers of its own on the same devices, so equal names add up.</summary>
    public EngineBuffers With(BufferLine line)
    {
        if (line.IsHost || line.Kind == BufferKind.Output)
            return this with { Host = Host + line.MiB };
        return line.Kind switch
        {
            BufferKind.Model => this with { Model = Model + line.MiB },
            BufferKind.Cache => this with { Cache = Cache + line.MiB },
            _ => this with { Compute = Compute + line.MiB },
        };
    }
}
