namespace GpuStack.Operator.Hosting;

/// <summary>What a line of the log looks like.</summary>
internal enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>One JSON object a line, for collectors.</summary>
    Json,
}
