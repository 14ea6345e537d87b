namespace GpuStack.Simulator.ApiServer.Apply;

/// <summary>Who writes: the identity under which fields are owned.</summary>
/// <param name="Name">The field manager's name.</param>
/// <param name="Operation">Apply or Update.</param>
/// <param name="ApiVersion">The version in which it writes.</param>
/// <param name="Subresource">The subresource it writes through, or empty.</param>
internal sealed record FieldManager(string Name, string Operation, string ApiVersion, string Subresource)
{
    public const string Apply = "Apply";
    public const string Update = "Update";

    public bool Applies => Operation == Apply;
}
