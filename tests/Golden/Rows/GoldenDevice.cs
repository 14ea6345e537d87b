namespace GpuStack.Golden.Rows;

/// <summary>What llama-server reported for one device, in MiB (whole numbers but for the compute buffer).</summary>
internal sealed record GoldenDevice(string Name, string Layers, double Model, double Context, double Compute)
{
    public double Total => Model + Context + Compute;
}
