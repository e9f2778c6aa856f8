namespace Collector.Tests.Support;

/// <summary>A test that needs Node.js 20 or newer, and says so where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute() => Skip = NodePackage.MissingNode;
}
